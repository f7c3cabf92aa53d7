"""Checks evaluator.py against the scores of the field's Python Evaluator in fixtures/metrics-own.

    python bench/metrics-against-python/check.py
"""

import json
import sys
from pathlib import Path

import numpy as np
from skimage import io

from evaluator import TWELVE

OWN = Path(__file__).resolve().parents[2] / "fixtures" / "metrics-own"
# The fixtures have the Evaluator's own names.
THEIRS = {"VIF": "VIFF"}

worst = 0.0
for triplet in json.loads((OWN / "metrics-own.json").read_text())["triplets"]:
    images = [io.imread(OWN / triplet[key]).astype(np.float64) for key in ("f", "a", "b")]
    for name, metric in TWELVE.items():
        expected = triplet["float64"][THEIRS.get(name, name)]
        difference = abs(float(metric(*images)) - expected) / abs(expected)
        if difference > 1e-9:
            print(f"{triplet['id']} {name}: off by {difference:.1e}")
        worst = max(worst, difference)
print(f"worst relative difference: {worst:.1e}")
sys.exit(worst > 1e-9)
