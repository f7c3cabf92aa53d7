import { addToSum, addToSums, DOUBLE, FLOAT, LANES } from './lanes';

// Sums in float64: over the pixels of a batch float32 loses two digits.

/** y [before, after] = the sums of x [before, reduced, after] over its middle; `sums` has room for `after` float64. */
export function sum(x: usize, y: usize, sums: usize, before: i32, reduced: i32, after: i32): void {
  for (let i = 0; i < before; i++) {
    if (after == 1) {
      store<f32>(y, <f32>total(x, reduced));
    } else {
      memory.fill(sums, 0, <usize>after * DOUBLE);
      for (let r = 0; r < reduced; r++) addRow(x + <usize>r * <usize>after * FLOAT, sums, after);
      demote(sums, y, after);
    }
    x += <usize>reduced * <usize>after * FLOAT;
    y += <usize>after * FLOAT;
  }
}

/** y [batch, columns] = the sums of squares down the columns of x [batch, rows, columns]. */
export function squaredNorms(x: usize, y: usize, sums: usize, batch: i32, rows: i32, columns: i32): void {
  for (let i = 0; i < batch; i++) {
    memory.fill(sums, 0, <usize>columns * DOUBLE);
    for (let row = 0; row < rows; row++) {
      addSquares(x, sums, columns);
      x += <usize>columns * FLOAT;
    }
    demote(sums, y, columns);
    y += <usize>columns * FLOAT;
  }
}

function addRow(x: usize, sums: usize, count: i32): void {
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    addToSums(sums + <usize>i * DOUBLE, v128.load(x + <usize>i * FLOAT));
  }
  for (; i < count; i++) addToSum(sums + <usize>i * DOUBLE, load<f32>(x + <usize>i * FLOAT));
}

function addSquares(x: usize, sums: usize, count: i32): void {
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const at = sums + <usize>i * DOUBLE;
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(x + <usize>i * FLOAT));
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(pair, pair)));
  }
  if (i < count) {
    const value = <f64>load<f32>(x + <usize>i * FLOAT);
    const at = sums + <usize>i * DOUBLE;
    store<f64>(at, load<f64>(at) + value * value);
  }
}

function total(x: usize, count: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    const at = x + <usize>i * FLOAT;
    even = f64x2.add(even, f64x2.promote_low_f32x4(v128.load64_zero(at)));
    odd = f64x2.add(odd, f64x2.promote_low_f32x4(v128.load64_zero(at, 8)));
  }
  const both = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < count; i++) sum += <f64>load<f32>(x + <usize>i * FLOAT);
  return sum;
}

function demote(sums: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(y + <usize>i * FLOAT, <f32>load<f64>(sums + <usize>i * DOUBLE));
}
