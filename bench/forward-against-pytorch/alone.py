"""Times the fusion network in PyTorch in a process that does nothing else, and counts the pages that the system gives it.

    python bench/forward-against-pytorch/alone.py [--norm formula] [--height 480] [--width 640] [--threads 2] [--runs 7]
"""

import argparse
import statistics

import torch

from compare import pytorch
from network import NORMS, Fusion


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--norm", choices=list(NORMS), default="formula")
    for name, default in (("height", 480), ("width", 640), ("threads", 2), ("runs", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = Fusion(options.norm).eval()
    pair = tuple(torch.rand(1, 1, options.height, options.width) for _ in range(2))
    # The first one warms up.
    runs = [pytorch(network, pair) for _ in range(options.runs + 1)][1:]
    ms, cpu, faults = (statistics.median(run[key] for run in runs) for key in ("ms", "cpu", "faults"))
    print(f"PyTorch {torch.__version__}, {options.norm}: {ms:.0f} ms, {cpu:.0f} of the processor's, {faults:.0f} page faults")


if __name__ == "__main__":
    main()
