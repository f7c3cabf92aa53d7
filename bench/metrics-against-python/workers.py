"""Times `refusion-bench metrics` over folders of pictures with one worker and with two, decoding included.

    python bench/metrics-against-python/workers.py [--runs N] A B [A B ...]

A and B are folders of sources, pictures of the same name in both a pair. The methods are the pairs' average, maximum and a
weighted mean, made first and not timed. Needs `npm ci` and `npm run build` in the repository and requirements.txt.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from skimage import io

BIN = Path(__file__).resolve().parents[2] / "apps" / "bench" / "dist" / "bin.js"
SETS = {
    "twelve": "EN,SD,SF,AG,SCD,SSIM,MI,VIF,Qabf,CC,PSNR,MSE",
    "six": "EN,SD,SF,AG,SCD,SSIM",
}
METHODS = {
    "average": lambda a, b: (a + b) / 2,
    "maximum": np.maximum,
    "weighted": lambda a, b: 0.3 * a + 0.7 * b,
}


def read_gray(path):
    image = io.imread(path).astype(np.float64)
    return image if image.ndim == 2 else image[..., :3] @ [0.299, 0.587, 0.114]


def pairs(a, b):
    partners = {path.stem: path for path in Path(b).iterdir()}
    return [(path, partners[path.stem]) for path in sorted(Path(a).iterdir()) if path.stem in partners]


def make_methods(sources, folder):
    """Fused pictures, and the file of data sets that `--config` takes. Returns how many pictures there are."""
    data_sets, count = [], 0
    for index, (a, b) in enumerate(sources):
        for name in METHODS:
            (folder / f"{index}" / name).mkdir(parents=True)
        for first, second in pairs(a, b):
            images = read_gray(first), read_gray(second)
            for name, fuse in METHODS.items():
                fused = np.clip(np.round(fuse(*images)), 0, 255).astype(np.uint8)
                io.imsave(folder / f"{index}" / name / f"{first.stem}.png", fused, check_contrast=False)
                count += 1
        methods = {name: str(folder / f"{index}" / name) for name in METHODS}
        data_sets.append({"name": f"{index}", "a": str(Path(a).resolve()), "b": str(Path(b).resolve()), "methods": methods})
    (folder / "table.json").write_text(json.dumps({"datasets": data_sets}))
    return count


def seconds(config, metrics, workers):
    command = ["node", str(BIN), "metrics", "--config", str(config), "--metrics", metrics]
    start = time.perf_counter()
    subprocess.run([*command, "--workers", str(workers), "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="A B", help="folders of sources, in twos")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each, in turn (default: 5)")
    parser.add_argument("--metrics", choices=SETS, help="one of the sets alone (default: both)")
    options = parser.parse_args()
    if len(options.folders) % 2:
        parser.error("give folders in twos: the first sources, then the second")
    if not BIN.exists():
        sys.exit(f'"{BIN}" is not there; run npm run build')
    sources = list(zip(options.folders[::2], options.folders[1::2]))
    with tempfile.TemporaryDirectory() as name:
        count = make_methods(sources, Path(name))
        config = Path(name) / "table.json"
        print(f"{count} fused pictures, {len(METHODS)} methods; seconds of {options.runs} runs in turn\n")
        for chosen, metrics in SETS.items():
            if options.metrics in (None, chosen):
                report(chosen, [(seconds(config, metrics, 1), seconds(config, metrics, 2)) for _ in range(options.runs)])


def report(name, runs):
    one, two = np.median(runs, axis=0)
    ratio = np.median([first / second for first, second in runs])
    print(f"{name:7} one worker {one:6.2f}, two workers {two:6.2f}: {one / two:.2f}x (median of the ratios {ratio:.2f}x)")
    print(f"        {'  '.join(f'{first:.2f}/{second:.2f}' for first, second in runs)}\n", flush=True)


main()
