/**
 * Gaussian blur of a `height x width` map, the border repeated outwards.
 * @param sigma in pixels; 0 gives a copy.
 */
export function blur(map: Float32Array, height: number, width: number, sigma: number): Float32Array {
  if (sigma === 0) return map.slice();
  const kernel = gaussian(sigma);
  const across = filter(map, height, width, 1, kernel);
  return filter(across, height, width, width, kernel);
}

/** The weights at the distances 0, 1, 2, ... up to three sigma; the two-sided sum is 1. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const sum = weights.reduce((total, weight) => total + 2 * weight, -(weights[0] as number));
  return weights.map((weight) => weight / sum);
}

/** Filters along rows (`step` 1) or columns (`step` the width). */
function filter(
  map: Float32Array,
  height: number,
  width: number,
  step: number,
  kernel: Float64Array,
): Float32Array {
  const out = new Float32Array(map.length);
  const [lines, length, stride] = step === 1 ? [height, width, width] : [width, height, 1];
  for (let line = 0; line < lines; line++) {
    const start = line * stride;
    for (let i = 0; i < length; i++) {
      let sum = (kernel[0] as number) * (map[start + i * step] as number);
      for (let k = 1; k < kernel.length; k++) {
        const before = map[start + Math.max(i - k, 0) * step] as number;
        const after = map[start + Math.min(i + k, length - 1) * step] as number;
        sum += (kernel[k] as number) * (before + after);
      }
      out[start + i * step] = sum;
    }
  }
  return out;
}
