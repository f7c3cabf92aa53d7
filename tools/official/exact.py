"""How far the authors' own float32 arithmetic is from exact: their network in float64 against their outputs.

    python3 tools/official/exact.py ../shared MEIF case-ICCV_03 meif-Window2

The folder is that of `npm run parity`, with oracle/refusion_oracle.py, the network in plain PyTorch, beside it.
Prints, for each output in colour, the error of the authors' raw output and the share of the pixels of their colour
picture that exact arithmetic would round otherwise. Needs torch, numpy and cv2.
"""
import json
import os
import sys

import cv2
import numpy as np
import torch


def ycrcb(path):
    """Y, Cr, Cb in float32, as the authors' code has them."""
    return cv2.cvtColor(cv2.imread(path).astype(np.float32), cv2.COLOR_BGR2YCrCb)


def colour(raw, a, b):
    """The picture that the authors' code writes for a raw output: stretched, with the chroma of both sources."""
    y = (raw - raw.min()) / (raw.max() - raw.min()) * np.float32(255)
    ca, cb = a[:, :, 1:], b[:, :, 1:]
    wa, wb = abs(ca - 0.5), abs(cb - 0.5)
    cr, cb = np.moveaxis((ca * wa + cb * wb) / (wa + wb + 1e-4) - 0.5, -1, 0)
    rgb = np.stack([y + 1.403 * cr, y - 0.714 * cr - 0.344 * cb, y + 1.773 * cb], -1)
    return (rgb.clip(0, 255).astype(np.float64) + 0.499999999).astype(np.uint8)


def main(shared, task, *ids):
    sys.path.insert(0, os.path.join(shared, "oracle"))
    import refusion_oracle

    state = torch.load(os.path.join(shared, "official", f"ReFusion_{task}.pth"), map_location="cpu")
    # Convolutions are there twice, the same numbers: the later entry, X.conv.weight, takes the name X.weight.
    params = {name.replace(".conv.weight", ".weight"): x.double() for name, x in state.items()}
    folder = os.path.join(shared, "official", "outputs", task)
    for name in ids:
        with open(os.path.join(folder, f"{name}.json")) as file:
            output = json.load(file)
        a, b = (ycrcb(os.path.join(shared, output[source])) for source in "ab")
        batch = [torch.from_numpy(x[:, :, 0] / np.float32(255)).double()[None, None] for x in (a, b)]
        with torch.no_grad():
            exact = refusion_oracle.fusion(params, *batch)[0, 0].numpy()
        theirs = np.fromfile(os.path.join(folder, output["f32"]), "<f4").reshape(exact.shape)
        error = theirs - exact
        written = cv2.imread(os.path.join(folder, output["rgb"]))[:, :, ::-1]
        share = (colour(exact.astype(np.float32), a, b) != written).any(-1).mean()
        print(f"{name}: raw, max {abs(error).max():.1e}, mean {error.mean():.1e}; pixels {100 * share:.4f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
