"""Times @refusion/metrics against plain Python on one triplet, and checks that both give the same scores.

    python bench/metrics-against-python/compare.py [--runs N] [FUSED A B]

Without files the triplet is synthetic, 480x640. Needs `npm ci` in the repository and requirements.txt in Python.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from evaluator import PAPER, TWELVE

ROOT = Path(__file__).resolve().parents[2]
OURS = Path(__file__).with_name("ours.ts")
NODE = ["node", "--conditions=@refusion/source", "--import", "tsx", str(OURS)]


def synthetic(height=480, width=640):
    """Two scenes with waves, blocks and noise, and their maximum: 8-bit, like what cameras give."""
    y, x = np.mgrid[:height, :width]
    random = np.random.default_rng(1)
    blocks = ((x // 57 + y // 43) % 2) * 50.0
    a = 90 + blocks + 40 * np.sin(x / 11) * np.cos(y / 17) + random.normal(0, 6, x.shape)
    b = 110 + 60 * np.sin((x + y) / 31) + 20 * np.cos(x / 5) + random.normal(0, 4, x.shape)
    to_bytes = lambda image: np.clip(np.round(image), 0, 255).astype(np.uint8)
    return to_bytes(np.maximum(a, b)), to_bytes(a), to_bytes(b)


def read_gray(path):
    from skimage import io

    image = io.imread(path)
    if image.ndim != 2 or image.dtype != np.uint8:
        sys.exit(f'"{path}" is not an 8-bit gray picture; give gray ones')
    return image


def milliseconds(call, runs):
    """The fastest of a few calls, which other work on the machine disturbs least."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def python_results(images, runs):
    images = [image.astype(np.float64) for image in images]
    scores = {name: float(metric(*images)) for name, metric in TWELVE.items()}
    each = {name: milliseconds(lambda: metric(*images), runs) for name, metric in TWELVE.items()}
    together = {
        name: milliseconds(lambda: [metric(*images) for metric in metrics.values()], runs)
        for name, metrics in (("six", PAPER), ("twelve", TWELVE))
    }
    return {"scores": scores, "each": each, "together": together}


def our_results(images, runs):
    height, width = images[0].shape
    with tempfile.NamedTemporaryFile(suffix=".raw") as file:
        file.write(b"".join(image.tobytes() for image in images))
        file.flush()
        arguments = [file.name, str(height), str(width), str(runs), ",".join(TWELVE)]
        done = subprocess.run(NODE + arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FUSED A B", help="8-bit gray pictures of one size")
    parser.add_argument("--runs", type=int, default=9, help="timed calls, of which the fastest counts (default: 9)")
    options = parser.parse_args()
    if len(options.files) not in (0, 3):
        parser.error("give three pictures, the fused one first, or none")
    images = [read_gray(path) for path in options.files] or synthetic()
    theirs = python_results(images, options.runs)
    ours = our_results(images, options.runs)

    height, width = images[0].shape
    print(f"{width}x{height}, Python {platform.python_version()}, numpy {np.__version__}, best of {options.runs}\n")
    print(f"{'':8} {'score':>12} {'difference':>11} {'Python ms':>10} {'ours ms':>9} {'ratio':>7}")
    for name, score in theirs["scores"].items():
        difference = abs(ours["scores"][name] - score) / abs(score)
        slow, fast = theirs["each"][name], ours["each"][name]
        print(f"{name:8} {score:12.6f} {difference:11.1e} {slow:10.1f} {fast:9.1f} {slow / fast:6.1f}x")
    for name, slow in theirs["together"].items():
        fast = ours["together"][name]
        print(f"{name:8} {'':12} {'':11} {slow:10.1f} {fast:9.1f} {slow / fast:6.1f}x")


main()
