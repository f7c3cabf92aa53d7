"""Times one forward pass of the fusion network: PyTorch, its own ONNX export, and the models that `compile` makes.

    python bench/forward-against-pytorch/compare.py [--height 480] [--width 640] [--threads 2] [--runs 9]

All take turns, run by run; the medians are compared. Needs `npm ci` in the repository and requirements.txt in Python.
Run it on an idle machine: PyTorch on two threads collapses when anything else runs.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch

from network import Fusion

ROOT = Path(__file__).resolve().parents[2]
OURS = Path(__file__).with_name("ours.ts")
NODE = ["node", "--conditions=@refusion/source", "--import", "tsx", str(OURS)]


def prepare(folder, network, pair):
    """Writes what ours.ts reads: weights, export, sources, and what PyTorch makes of them."""
    torch.save(network.state_dict(), folder / "weights.pth")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        names = {"input_names": ["a", "b"], "output_names": ["fused"]}
        # The exporter by tracing, which every version of PyTorch has.
        newer = {"dynamo": False} if int(torch.__version__.split(".")[0]) >= 2 else {}
        torch.onnx.export(network, pair, str(folder / "exported.onnx"), opset_version=16, **names, **newer)
        fused = network(*pair)
    for name, image in zip(("a", "b", "fused"), (*pair, fused)):
        image.numpy().tofile(folder / f"{name}.f32")


class Node:
    """ours.ts, answering line by line."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [*NODE, *map(str, arguments)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("ours.ts ended early; run npm ci in the repository first")
        return json.loads(line)

    def ask(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return self.read()


def pytorch(network, pair):
    start = time.perf_counter()
    with torch.no_grad():
        network(*pair)
    return {"ms": 1000 * (time.perf_counter() - start), "off": 0.0}


def measure(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = Fusion().eval()
    pair = tuple(torch.rand(1, 1, options.height, options.width) for _ in range(2))
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), network, pair)
        node = Node(name, options.height, options.width, options.threads)
        created = node.read()
        sides = {"pytorch": lambda: pytorch(network, pair)}
        for session in created:
            sides[session] = lambda session=session: node.ask(session)
        runs = {side: [] for side in sides}
        for i in range(options.runs + 1):
            # The first round warms up. The order turns round, so that nobody always follows the same one.
            for side in sides if i % 2 else reversed(list(sides)):
                result = sides[side]()
                if i > 0:
                    runs[side].append(result)
    return runs, created


def show(runs, created):
    print(f"{'':24}{'median ms':>10}{'least':>8}{'of PyTorch':>12}{'of export':>11}{'off by':>9}{'created ms':>12}")
    median = {side: statistics.median(run["ms"] for run in results) for side, results in runs.items()}
    for side, results in runs.items():
        least = min(run["ms"] for run in results)
        off = max(run["off"] for run in results)
        print(
            f"{side:24}{median[side]:>10.0f}{least:>8.0f}{median['pytorch'] / median[side]:>11.2f}x"
            f"{median['exported'] / median[side]:>10.2f}x{off:>9.0e}{created.get(side, 0):>12.0f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("height", 480), ("width", 640), ("threads", 2), ("runs", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, Python {platform.python_version()}, {options}")
    show(*measure(options))


if __name__ == "__main__":
    main()
