import { FLOAT, LANES, lanesSum, zero } from './lanes';

// Over the last axis, of `channels`, pixel by pixel: both passes over a pixel find it in the cache.

/** y = (x - mean) / sigma * scale + shift, for each of `pixels`. */
export function layerNorm(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  pixels: i32,
  channels: i32,
  epsilon: f32,
): void {
  const size = <usize>channels * FLOAT;
  const vectors = channels & ~3;
  for (let p = 0; p < pixels; p++) {
    const mean = meanOf(x, channels);
    const rate = inverseSigma(x, mean, channels, epsilon);
    for (let c = 0; c < vectors; c += LANES) {
      const at = <usize>c * FLOAT;
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), f32x4.splat(mean)), f32x4.splat(rate));
      v128.store(y + at, f32x4.add(f32x4.mul(normal, v128.load(scale + at)), v128.load(shift + at)));
    }
    for (let c = vectors; c < channels; c++) {
      const at = <usize>c * FLOAT;
      store<f32>(y + at, (load<f32>(x + at) - mean) * rate * load<f32>(scale + at) + load<f32>(shift + at));
    }
    x += size;
    y += size;
  }
}

/** y = (d - mean d - n mean(n d)) / sigma, n the normalised x, for each of `pixels`. */
export function layerNormInputGrad(
  x: usize,
  d: usize,
  y: usize,
  pixels: i32,
  channels: i32,
  epsilon: f32,
): void {
  const size = <usize>channels * FLOAT;
  const vectors = channels & ~3;
  for (let p = 0; p < pixels; p++) {
    const mean = meanOf(x, channels);
    const rate = inverseSigma(x, mean, channels, epsilon);
    const meanOfD = meanOf(d, channels);
    // mean(n d) / sigma; n has the mean 0, so d need not be centred.
    const along = (centredProduct(x, mean, d, channels) / <f32>channels) * rate * rate;
    for (let c = 0; c < vectors; c += LANES) {
      const at = <usize>c * FLOAT;
      const parallel = f32x4.mul(f32x4.sub(v128.load(x + at), f32x4.splat(mean)), f32x4.splat(along));
      const rest = f32x4.sub(f32x4.sub(v128.load(d + at), f32x4.splat(meanOfD)), parallel);
      v128.store(y + at, f32x4.mul(rest, f32x4.splat(rate)));
    }
    for (let c = vectors; c < channels; c++) {
      const at = <usize>c * FLOAT;
      store<f32>(y + at, (load<f32>(d + at) - meanOfD - (load<f32>(x + at) - mean) * along) * rate);
    }
    x += size;
    d += size;
    y += size;
  }
}

function meanOf(x: usize, channels: i32): f32 {
  let vector = zero();
  let c = 0;
  for (; c + LANES <= channels; c += LANES) vector = f32x4.add(vector, v128.load(x + <usize>c * FLOAT));
  let total = lanesSum(vector);
  for (; c < channels; c++) total += load<f32>(x + <usize>c * FLOAT);
  return total / <f32>channels;
}

/** 1 / sqrt(variance + epsilon), with the biased variance. */
function inverseSigma(x: usize, mean: f32, channels: i32, epsilon: f32): f32 {
  let vector = zero();
  let c = 0;
  for (; c + LANES <= channels; c += LANES) {
    const centred = f32x4.sub(v128.load(x + <usize>c * FLOAT), f32x4.splat(mean));
    vector = f32x4.add(vector, f32x4.mul(centred, centred));
  }
  let total = lanesSum(vector);
  for (; c < channels; c++) {
    const centred = load<f32>(x + <usize>c * FLOAT) - mean;
    total += centred * centred;
  }
  return 1 / Mathf.sqrt(total / <f32>channels + epsilon);
}

/** The sum of (x - mean) d. */
function centredProduct(x: usize, mean: f32, d: usize, channels: i32): f32 {
  let vector = zero();
  let c = 0;
  for (; c + LANES <= channels; c += LANES) {
    const at = <usize>c * FLOAT;
    const centred = f32x4.sub(v128.load(x + at), f32x4.splat(mean));
    vector = f32x4.add(vector, f32x4.mul(centred, v128.load(d + at)));
  }
  let total = lanesSum(vector);
  for (; c < channels; c++) {
    const at = <usize>c * FLOAT;
    total += (load<f32>(x + at) - mean) * load<f32>(d + at);
  }
  return total;
}
