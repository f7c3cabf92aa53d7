"""Reference values for the tests of @refusion/statistics, by SciPy, statsmodels and NumPy:

    python3 tools/references/statistics.py

Writes fixtures/statistics/statistics.json.
"""

import json
import platform
from pathlib import Path

import numpy
import scipy
import statsmodels
from scipy.stats import bootstrap, rankdata, wilcoxon
from statsmodels.stats.multitest import multipletests

random = numpy.random.default_rng(2026)


def signed_rank(name, x, y, method):
    """zero_method and correction are SciPy's defaults, named here since they decide the value."""
    x, y = numpy.asarray(x, float), numpy.asarray(y, float)
    keep = x != y
    result = wilcoxon(x[keep], y[keep], zero_method="wilcox", correction=False, method=method)
    return {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "count": int(keep.sum()),
        "statistic": float(result.statistic),
        "pValue": float(result.pvalue),
        "distribution": "exact" if method == "exact" else "normal",
    }


def pairs(count, shift):
    x = random.normal(0, 1, count)
    return x, x + random.normal(shift, 1, count)


def wholes(count, shift):
    x = random.integers(0, 8, count)
    return x, x + random.integers(-3, 4 + shift, count)


tests = [
    signed_rank("one pair", [1.0], [2.0], "exact"),
    signed_rank("five pairs", [1, 2, 3, 4, 5], [2, 4, 6, 8, 10], "exact"),
    signed_rank("12 pairs that hardly differ", *pairs(12, 0.1), "exact"),
    signed_rank("25 pairs", *pairs(25, 0.4), "exact"),
    signed_rank("50 pairs, the last that are exact", *pairs(50, 0.3), "exact"),
    signed_rank("50 pairs, far apart", *pairs(50, 5), "exact"),
    signed_rank("51 pairs", *pairs(51, 0.3), "approx"),
    signed_rank("300 pairs, far apart", *pairs(300, 1), "approx"),
    signed_rank("8 pairs with ties", [1, 1, 2, 2, 3, 3, 4, 4], [2, 0, 4, 0, 6, 0, 3, 5], "approx"),
    signed_rank("20 pairs with ties and zeros", *wholes(20, 0), "approx"),
    signed_rank("60 pairs with ties and zeros", *wholes(60, 1), "approx"),
    signed_rank("zeros, the others without ties", [5, 5, 5, 5, 5, 5], [5, 5, 6, 3, 8, 9], "exact"),
]

families = [[0.01], [0.04, 0.01, 0.03], [0.5, 0.5, 0.9], [1e-9, 0.2, 0.02, 0.02, 0.04, 0.8]]
ranked = [[3, 1, 2], [0.5, 0.1, 0.5], [2, 2, 2, 2], [7, 1, 7, 3, 1, 7, 5]]
columns = [random.gamma(2, 1, 25), random.gamma(3, 2, 80)]


def intervals(column):
    """Of a skewed sample; 200,000 resamples, so that chance moves the ends by less than 1 % of the width."""
    found = bootstrap((column,), numpy.mean, n_resamples=200_000, method="percentile", rng=random, batch=1000)
    return {
        "values": column.tolist(),
        "mean": float(numpy.mean(column)),
        "sampleDeviation": float(numpy.std(column, ddof=1)),
        "median": float(numpy.median(column)),
        "quantiles": numpy.quantile(column, [0.025, 0.975]).tolist(),
        "interval": [float(found.confidence_interval.low), float(found.confidence_interval.high)],
    }


versions = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__,
}
reference = {
    "versions": versions,
    "wilcoxon": tests,
    "holm": [{"pValues": p, "corrected": multipletests(p, method="holm")[1].tolist()} for p in families],
    "ranks": [{"values": v, "ranks": rankdata(v).tolist()} for v in ranked],
    "columns": [intervals(column) for column in columns],
}
target = Path(__file__).resolve().parents[2] / "fixtures" / "statistics" / "statistics.json"
target.write_text(json.dumps(reference) + "\n")
