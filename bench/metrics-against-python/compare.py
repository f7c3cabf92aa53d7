"""Times @refusion/metrics against plain Python on one triplet, and checks that both give the same scores.

    python bench/metrics-against-python/compare.py [--rounds N] [FUSED A B]

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
import scipy
import skimage
import sklearn

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


def milliseconds(call):
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def python_round(images):
    together = {"six": PAPER.values(), "twelve": TWELVE.values()}
    return {
        **{name: milliseconds(lambda: metric(*images)) for name, metric in TWELVE.items()},
        **{name: milliseconds(lambda: [metric(*images) for metric in metrics]) for name, metrics in together.items()},
    }


class Ours:
    """@refusion/metrics in a process of its own, which waits while Python is timed."""

    def __init__(self, images):
        height, width = images[0].shape
        self.file = tempfile.NamedTemporaryFile(suffix=".raw")
        self.file.write(b"".join(image.tobytes() for image in images))
        self.file.flush()
        arguments = [self.file.name, str(height), str(width), ",".join(TWELVE)]
        self.process = subprocess.Popen(
            NODE + arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.scores = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("node ended; its message is above")
        return json.loads(line)

    def round(self):
        self.process.stdin.write("round\n")
        self.process.stdin.flush()
        return self.answer()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FUSED A B", help="8-bit gray pictures of one size")
    parser.add_argument("--rounds", type=int, default=9, help="timed rounds, in turn (default: 9)")
    options = parser.parse_args()
    if len(options.files) not in (0, 3):
        parser.error("give three pictures, the fused one first, or none")
    images = [read_gray(path) for path in options.files] or synthetic()
    floats = [image.astype(np.float64) for image in images]
    scores = {name: float(metric(*floats)) for name, metric in TWELVE.items()}
    ours = Ours(images)
    # The first two rounds warm both up, and do not count.
    rounds = [(python_round(floats), ours.round()) for _ in range(options.rounds + 2)][2:]

    height, width = images[0].shape
    print(
        f"{width}x{height}, Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"scikit-image {skimage.__version__}, scikit-learn {sklearn.__version__}; medians of {options.rounds} rounds\n"
    )
    print(f"{'':8} {'score':>12} {'difference':>11} {'Python ms':>10} {'ours ms':>9} {'ratio':>7}")
    for name in rounds[0][0]:
        score = scores.get(name)
        about = f"{score:12.6f} {abs(ours.scores[name] - score) / abs(score):11.1e}" if score else " " * 24
        slow, fast = (np.median([side[name] for side in sides]) for sides in zip(*rounds))
        print(f"{name:8} {about} {slow:10.1f} {fast:9.1f} {slow / fast:6.1f}x")


main()
