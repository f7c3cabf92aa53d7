import { addToSum, addToSums, DOUBLE, FLOAT, zero } from './lanes';

// Images are [B, H, W, C]. Three neighbouring rows at a time are copied between two pixels of zeros, so that the loops
// over pixels need not look for borders. The rows take `rows`, 3 (W + 2) C numbers.

/** A row of an image between two pixels of zeros; zeros where there is no such row. */
function frameRow(image: usize, row: usize, y: i32, H: i32, W: i32, C: i32): void {
  const pixel = <usize>C * FLOAT;
  const size = <usize>W * pixel;
  if (y < 0 || y >= H) {
    memory.fill(row, 0, size + 2 * pixel);
    return;
  }
  memory.fill(row, 0, pixel);
  memory.copy(row + pixel, image + <usize>y * size, size);
  memory.fill(row + pixel + size, 0, pixel);
}

/** y[p, c] = sum over taps t of x[p + offset of t, c] taps[t, c]; `taps` are [9, C]. */
export function depthwise(
  x: usize,
  taps: usize,
  y: usize,
  rows: usize,
  B: i32,
  H: i32,
  W: i32,
  C: i32,
): void {
  const framed = <usize>(W + 2) * <usize>C * FLOAT;
  const size = <usize>W * <usize>C * FLOAT;
  for (let b = 0; b < B; b++) {
    let above = rows;
    let here = rows + framed;
    let below = rows + 2 * framed;
    frameRow(x, above, -1, H, W, C);
    frameRow(x, here, 0, H, W, C);
    for (let row = 0; row < H; row++) {
      frameRow(x, below, row + 1, H, W, C);
      depthwiseRow(above, here, below, taps, y, W, C);
      const free = above;
      above = here;
      here = below;
      below = free;
      y += size;
    }
    x += <usize>H * size;
  }
}

function depthwiseRow(above: usize, here: usize, below: usize, taps: usize, y: usize, W: i32, C: i32): void {
  const pixel = <usize>C * FLOAT;
  const vectors = C & ~3;
  let p = 0;
  for (; p + 4 <= W; p += 4) {
    const at = <usize>p * pixel;
    for (let c = 0; c < vectors; c += 4) {
      const o = at + <usize>c * FLOAT;
      fourPixels(above + o, here + o, below + o, taps + <usize>c * FLOAT, y + o, pixel);
    }
  }
  for (; p < W; p++) {
    const at = <usize>p * pixel;
    for (let c = 0; c < vectors; c += 4) {
      const o = at + <usize>c * FLOAT;
      onePixel(above + o, here + o, below + o, taps + <usize>c * FLOAT, y + o, pixel);
    }
  }
  for (let c = vectors; c < C; c++) {
    for (p = 0; p < W; p++) {
      const o = <usize>p * pixel + <usize>c * FLOAT;
      store<f32>(y + o, oneNumber(above + o, here + o, below + o, taps + <usize>c * FLOAT, pixel));
    }
  }
}

/** The row of taps that meets row n of the three. */
function rowOf(n: i32, above: usize, here: usize, below: usize): usize {
  return n == 0 ? above : n == 1 ? here : below;
}

function fourPixels(above: usize, here: usize, below: usize, taps: usize, y: usize, pixel: usize): void {
  let s0 = zero();
  let s1 = zero();
  let s2 = zero();
  let s3 = zero();
  for (let n = 0; n < 3; n++) {
    const row = rowOf(n, above, here, below);
    const left = v128.load(taps);
    const middle = v128.load(taps + pixel);
    const right = v128.load(taps + 2 * pixel);
    let x = v128.load(row);
    s0 = f32x4.add(s0, f32x4.mul(x, left));
    x = v128.load(row + pixel);
    s0 = f32x4.add(s0, f32x4.mul(x, middle));
    s1 = f32x4.add(s1, f32x4.mul(x, left));
    x = v128.load(row + 2 * pixel);
    s0 = f32x4.add(s0, f32x4.mul(x, right));
    s1 = f32x4.add(s1, f32x4.mul(x, middle));
    s2 = f32x4.add(s2, f32x4.mul(x, left));
    x = v128.load(row + 3 * pixel);
    s1 = f32x4.add(s1, f32x4.mul(x, right));
    s2 = f32x4.add(s2, f32x4.mul(x, middle));
    s3 = f32x4.add(s3, f32x4.mul(x, left));
    x = v128.load(row + 4 * pixel);
    s2 = f32x4.add(s2, f32x4.mul(x, right));
    s3 = f32x4.add(s3, f32x4.mul(x, middle));
    x = v128.load(row + 5 * pixel);
    s3 = f32x4.add(s3, f32x4.mul(x, right));
    taps += 3 * pixel;
  }
  v128.store(y, s0);
  v128.store(y + pixel, s1);
  v128.store(y + 2 * pixel, s2);
  v128.store(y + 3 * pixel, s3);
}

function onePixel(above: usize, here: usize, below: usize, taps: usize, y: usize, pixel: usize): void {
  let total = zero();
  for (let n = 0; n < 3; n++) {
    const row = rowOf(n, above, here, below);
    total = f32x4.add(total, f32x4.mul(v128.load(row), v128.load(taps)));
    total = f32x4.add(total, f32x4.mul(v128.load(row + pixel), v128.load(taps + pixel)));
    total = f32x4.add(total, f32x4.mul(v128.load(row + 2 * pixel), v128.load(taps + 2 * pixel)));
    taps += 3 * pixel;
  }
  v128.store(y, total);
}

function oneNumber(above: usize, here: usize, below: usize, taps: usize, pixel: usize): f32 {
  let total: f32 = 0;
  for (let n = 0; n < 3; n++) {
    const row = rowOf(n, above, here, below);
    for (let i: usize = 0; i < 3; i++) total += load<f32>(row + i * pixel) * load<f32>(taps + i * pixel);
    taps += 3 * pixel;
  }
  return total;
}

/** Pixels of a row that are added in float32 before they join the sums in float64. */
const BLOCK: i32 = 64;

/** sums[t, c] += sum over pixels p of dy[p, c] x[p + offset of t, c], [9, C] in float64. */
export function depthwiseFilterGrad(
  x: usize,
  dy: usize,
  sums: usize,
  rows: usize,
  B: i32,
  H: i32,
  W: i32,
  C: i32,
): void {
  const framed = <usize>(W + 2) * <usize>C * FLOAT;
  const size = <usize>W * <usize>C * FLOAT;
  for (let b = 0; b < B; b++) {
    let above = rows;
    let here = rows + framed;
    let below = rows + 2 * framed;
    frameRow(x, above, -1, H, W, C);
    frameRow(x, here, 0, H, W, C);
    for (let row = 0; row < H; row++) {
      frameRow(x, below, row + 1, H, W, C);
      filterRow(above, here, below, dy, sums, W, C);
      const free = above;
      above = here;
      here = below;
      below = free;
      dy += size;
    }
    x += <usize>H * size;
  }
}

function filterRow(above: usize, here: usize, below: usize, dy: usize, sums: usize, W: i32, C: i32): void {
  const pixel = <usize>C * FLOAT;
  const vectors = C & ~3;
  for (let p = 0; p < W; p += BLOCK) {
    const count = min(BLOCK, W - p);
    const at = <usize>p * pixel;
    for (let c = 0; c < vectors; c += 4) {
      const o = at + <usize>c * FLOAT;
      filterBlock(above + o, here + o, below + o, dy + o, sums + <usize>c * DOUBLE, count, pixel);
    }
    for (let c = vectors; c < C; c++) {
      const o = at + <usize>c * FLOAT;
      filterNumbers(above + o, here + o, below + o, dy + o, sums + <usize>c * DOUBLE, count, pixel);
    }
  }
}

/** All nine taps of four channels over some pixels of a row. */
function filterBlock(
  above: usize,
  here: usize,
  below: usize,
  dy: usize,
  sums: usize,
  count: i32,
  pixel: usize,
): void {
  const tap = 2 * pixel; // from tap to tap of the sums, which are twice as wide
  for (let n = 0; n < 3; n++) {
    let row = rowOf(n, above, here, below);
    let slope = dy;
    let left = zero();
    let middle = zero();
    let right = zero();
    // Two sums a tap, of even and odd pixels: an addition need not wait for the one before it.
    let left2 = zero();
    let middle2 = zero();
    let right2 = zero();
    let x0 = v128.load(row);
    let x1 = v128.load(row + pixel);
    let p = 0;
    for (; p + 2 <= count; p += 2) {
      const x2 = v128.load(row + 2 * pixel);
      const x3 = v128.load(row + 3 * pixel);
      const d0 = v128.load(slope);
      const d1 = v128.load(slope + pixel);
      left = f32x4.add(left, f32x4.mul(d0, x0));
      left2 = f32x4.add(left2, f32x4.mul(d1, x1));
      middle = f32x4.add(middle, f32x4.mul(d0, x1));
      middle2 = f32x4.add(middle2, f32x4.mul(d1, x2));
      right = f32x4.add(right, f32x4.mul(d0, x2));
      right2 = f32x4.add(right2, f32x4.mul(d1, x3));
      x0 = x2;
      x1 = x3;
      row += 2 * pixel;
      slope += 2 * pixel;
    }
    if (p < count) {
      const d = v128.load(slope);
      left = f32x4.add(left, f32x4.mul(d, x0));
      middle = f32x4.add(middle, f32x4.mul(d, x1));
      right = f32x4.add(right, f32x4.mul(d, v128.load(row + 2 * pixel)));
    }
    addToSums(sums, f32x4.add(left, left2));
    addToSums(sums + tap, f32x4.add(middle, middle2));
    addToSums(sums + 2 * tap, f32x4.add(right, right2));
    sums += 3 * tap;
  }
}

/** All nine taps of one channel. */
function filterNumbers(
  above: usize,
  here: usize,
  below: usize,
  dy: usize,
  sums: usize,
  count: i32,
  pixel: usize,
): void {
  for (let n = 0; n < 3; n++) {
    const row = rowOf(n, above, here, below);
    for (let i: usize = 0; i < 3; i++) {
      let total: f32 = 0;
      for (let p = 0; p < count; p++) {
        const at = <usize>p * pixel;
        total += load<f32>(dy + at) * load<f32>(row + at + i * pixel);
      }
      addToSum(sums + i * 2 * pixel, total);
    }
    sums += 6 * pixel;
  }
}
