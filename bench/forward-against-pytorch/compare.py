"""Times one forward pass of the fusion network: PyTorch, its own ONNX export, and the models that `compile` makes.

    python bench/forward-against-pytorch/compare.py [--height 480] [--width 640] [--threads 2] [--runs 9] [--strips 32,64]

All take turns, run by run; the medians are compared, of the clock and of the processor's time, which with one thread tells
on a busy machine, too. Needs `npm ci` in the repository and requirements.txt in Python.
Run it on an idle machine: PyTorch on two threads collapses when anything else runs. First, ONNX's own checker looks
at the models of F, P and R.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import onnx
import torch

from network import NORMS, Fusion

ROOT = Path(__file__).resolve().parents[2]
OURS = Path(__file__).with_name("ours.ts")
NODE = ["node", "--conditions=@refusion/source", "--import", "tsx", str(OURS)]


def export(network, pair, path):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        names = {"input_names": ["a", "b"], "output_names": ["fused"]}
        # The exporter by tracing, which every version of PyTorch has.
        newer = {"dynamo": False} if int(torch.__version__.split(".")[0]) >= 2 else {}
        torch.onnx.export(network, pair, str(path), opset_version=16, **names, **newer)


def prepare(folder, networks, pair):
    """Writes what ours.ts reads: weights, exports, sources, and what PyTorch makes of them."""
    for name, network in networks.items():
        export(network, pair, folder / f"{name}.onnx")
    first = next(iter(networks.values()))
    torch.save(first.state_dict(), folder / "weights.pth")
    with torch.no_grad():
        fused = first(*pair)
    for name, image in zip(("a", "b", "fused"), (*pair, fused)):
        image.numpy().tofile(folder / f"{name}.f32")


def check(folder):
    """ONNX's checker, with shapes, on the models of all three networks that ours.ts has written."""
    for name in ("fusion", "proposal", "reconstruction"):
        model = onnx.load(folder / f"{name}.onnx")
        onnx.checker.check_model(model, full_check=True)
        opset = model.opset_import[0].version
        print(f"onnx {onnx.__version__} checks the model of {name}: {len(model.graph.node)} nodes, operator set {opset}")


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
    start, before, faults = time.perf_counter(), time.process_time(), page_faults()
    with torch.no_grad():
        network(*pair)
    ms, spent = 1000 * (time.perf_counter() - start), time.process_time() - before
    return {"ms": ms, "cpu": 1000 * spent, "faults": page_faults() - faults, "off": 0.0}


def page_faults():
    """Pages that the system has given to this process, one by one, at their first touch."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def networks_of_one_seed():
    networks = {}
    for norm in NORMS:
        torch.manual_seed(0)
        networks[norm] = Fusion(norm).eval()
    return networks


def measure(options):
    torch.set_num_threads(options.threads)
    networks = networks_of_one_seed()
    pair = tuple(torch.rand(1, 1, options.height, options.width) for _ in range(2))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, networks, pair)
        node = Node(folder, options.height, options.width, options.threads, options.strips)
        created = node.read()
        check(folder)
        sides = {f"PyTorch, {norm}": lambda network=network: pytorch(network, pair) for norm, network in networks.items()}
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
    """A table: each side against the plain peer, against the faster one, and against the faster export."""
    median = {side: statistics.median(run["ms"] for run in results) for side, results in runs.items()}
    plain, fused = (median[f"PyTorch, {norm}"] for norm in NORMS)
    exported = min(median[f"export, {norm}"] for norm in NORMS)
    print(f"\n{'':24}{'median ms':>10}{'least':>8}{'cpu':>8}{'faults':>9}{'formula':>9}{'nn.Layer':>9}{'export':>8}{'off by':>9}{'made ms':>9}")
    for side, results in runs.items():
        least = min(run["ms"] for run in results)
        cpu, faults = (statistics.median(run[key] for run in results) for key in ("cpu", "faults"))
        off = max(run["off"] for run in results)
        times = "".join(f"{peer / median[side]:>{width}.2f}x" for peer, width in ((plain, 8), (fused, 8), (exported, 7)))
        print(f"{side:24}{median[side]:>10.0f}{least:>8.0f}{cpu:>8.0f}{faults:>9.0f}{times}{off:>9.0e}{created.get(side, 0):>9.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("height", 480), ("width", 640), ("threads", 2), ("runs", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--strips", default="16,24,32,48,64,96", help="thousands of pixels")
    options = parser.parse_args()
    python = f"Python {platform.python_version()}, PyTorch {torch.__version__}, numpy {numpy.__version__}"
    print(f"{python}, {vars(options)}")
    show(*measure(options))


if __name__ == "__main__":
    main()
