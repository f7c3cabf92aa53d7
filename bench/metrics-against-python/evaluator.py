"""The twelve metrics of the `evaluator` convention in plain Python, written from their formulas.

As a user of numpy, scipy, scikit-image and scikit-learn would write them: what @refusion/metrics is timed against.
Images are float64 arrays [H, W] with values 0..255; docs/conventions.md has the formulas.
"""

import numpy as np
from scipy.signal import convolve2d
from skimage.metrics import structural_similarity
from sklearn.metrics import mutual_info_score

SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def entropy(fused, a, b):
    share = np.bincount(np.round(fused).astype(np.uint8).ravel(), minlength=256) / fused.size
    share = share[share > 0]
    return -np.sum(share * np.log2(share))


def standard_deviation(fused, a, b):
    return fused.std()


def spatial_frequency(fused, a, b):
    return np.sqrt(np.mean(np.diff(fused, axis=1) ** 2) + np.mean(np.diff(fused, axis=0) ** 2))


def average_gradient(fused, a, b):
    down, right = np.gradient(fused)
    return np.mean(np.sqrt((down**2 + right**2) / 2))


def correlation(x, y):
    x = x - x.mean()
    y = y - y.mean()
    return np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2))


def scd(fused, a, b):
    return correlation(fused - b, a) + correlation(fused - a, b)


def ssim(fused, a, b):
    # 2 is what scikit-image takes for floats by default, and what the Evaluator therefore has.
    return sum(structural_similarity(fused, source, data_range=2) for source in (a, b))


def mutual_information(fused, a, b):
    return sum(mutual_info_score(fused.ravel(), source.ravel()) for source in (a, b))


def gaussian(size):
    x = np.arange(size) - (size - 1) / 2
    window = np.exp(-(x[:, None] ** 2 + x**2) / (2 * (size / 5) ** 2))
    return window / window.sum()


def vif_of_source(fused, source):
    kept = total = 0.0
    for size in (17, 9, 5, 3):
        window = gaussian(size)

        def local(x):
            return convolve2d(x, window, mode="valid")

        if size < 17:
            fused, source = local(fused)[::2, ::2], local(source)[::2, ::2]
        mean_f, mean_s = local(fused), local(source)
        var_f = np.maximum(0, local(fused * fused) - mean_f**2)
        var_s = np.maximum(0, local(source * source) - mean_s**2)
        cov = local(fused * source) - mean_f * mean_s
        gain = np.where((var_s < 1e-10) | (var_f < 1e-10) | (cov < 0), 0, cov / (var_s + 1e-10))
        noise = np.maximum(1e-10, var_f - gain * cov)
        var_s[var_s < 1e-10] = 0
        kept += np.sum(np.log10(1 + gain**2 * var_s / (noise + 2)))
        total += np.sum(np.log10(1 + var_s / 2))
    return kept / total if total > 0 else 1.0


def vif(fused, a, b):
    return vif_of_source(fused, a) + vif_of_source(fused, b)


def edges(image):
    x = convolve2d(image, SOBEL, mode="same")
    y = convolve2d(image, -SOBEL.T, mode="same")
    flat = x == 0
    return np.hypot(x, y), np.where(flat, np.pi / 2, np.arctan(y / np.where(flat, 1, x)))


def qabf(fused, a, b):
    strength, orientation = edges(fused)
    preserved = weights = 0.0
    for source in (a, b):
        weight, angle = edges(source)
        greater = np.maximum(weight, strength)
        ratio = np.minimum(weight, strength) / np.where(greater > 0, greater, 1)
        ratio = np.where(weight == strength, strength, ratio)
        turn = 1 - np.abs(angle - orientation) / (np.pi / 2)
        of_strength = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
        of_orientation = 0.9879 / (1 + np.exp(-22 * (turn - 0.8)))
        preserved += np.sum(weight * of_strength * of_orientation)
        weights += np.sum(weight)
    return preserved / weights


def correlation_coefficient(fused, a, b):
    return (correlation(fused, a) + correlation(fused, b)) / 2


def mean_squared_error(fused, a, b):
    return (np.mean((fused - a) ** 2) + np.mean((fused - b) ** 2)) / 2


def psnr(fused, a, b):
    return 10 * np.log10(fused.max() ** 2 / mean_squared_error(fused, a, b))


PAPER = {
    "EN": entropy,
    "SD": standard_deviation,
    "SF": spatial_frequency,
    "AG": average_gradient,
    "SCD": scd,
    "SSIM": ssim,
}

TWELVE = {
    **PAPER,
    "MI": mutual_information,
    "VIF": vif,
    "Qabf": qabf,
    "CC": correlation_coefficient,
    "PSNR": psnr,
    "MSE": mean_squared_error,
}
