import { addToSum, addToSums, DOUBLE, FLOAT, zero } from './lanes';

/** y = a b: a [rows, inner], b [inner, columns]. */
export function product(a: usize, b: usize, y: usize, rows: i32, inner: i32, columns: i32): void {
  const stepA = <usize>inner * FLOAT;
  const stepY = <usize>columns * FLOAT;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let column = 0;
    for (; column + 8 <= columns; column += 8) {
      const at = <usize>column * FLOAT;
      productTile(a, b + at, y + at, inner, stepA, stepY);
    }
    for (let i: usize = 0; i < 4; i++) productRow(a + i * stepA, b, y + i * stepY, inner, column, columns);
    a += 4 * stepA;
    y += 4 * stepY;
  }
  for (; row < rows; row++) {
    productRow(a, b, y, inner, 0, columns);
    a += stepA;
    y += stepY;
  }
}

/** Four rows of eight columns. */
function productTile(a: usize, b: usize, y: usize, inner: i32, stepA: usize, stepY: usize): void {
  let s00 = zero();
  let s01 = zero();
  let s10 = zero();
  let s11 = zero();
  let s20 = zero();
  let s21 = zero();
  let s30 = zero();
  let s31 = zero();
  for (let k = 0; k < inner; k++) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let factor = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(factor, left));
    s01 = f32x4.add(s01, f32x4.mul(factor, right));
    factor = v128.load_splat<f32>(a + stepA);
    s10 = f32x4.add(s10, f32x4.mul(factor, left));
    s11 = f32x4.add(s11, f32x4.mul(factor, right));
    factor = v128.load_splat<f32>(a + 2 * stepA);
    s20 = f32x4.add(s20, f32x4.mul(factor, left));
    s21 = f32x4.add(s21, f32x4.mul(factor, right));
    factor = v128.load_splat<f32>(a + 3 * stepA);
    s30 = f32x4.add(s30, f32x4.mul(factor, left));
    s31 = f32x4.add(s31, f32x4.mul(factor, right));
    a += FLOAT;
    b += stepY;
  }
  v128.store(y, s00);
  v128.store(y, s01, 16);
  v128.store(y + stepY, s10);
  v128.store(y + stepY, s11, 16);
  v128.store(y + 2 * stepY, s20);
  v128.store(y + 2 * stepY, s21, 16);
  v128.store(y + 3 * stepY, s30);
  v128.store(y + 3 * stepY, s31, 16);
}

/** One row, from a column on. */
function productRow(a: usize, b: usize, y: usize, inner: i32, column: i32, columns: i32): void {
  const stepB = <usize>columns * FLOAT;
  for (; column + 4 <= columns; column += 4) {
    let from = b + <usize>column * FLOAT;
    let total = zero();
    for (let k = 0; k < inner; k++) {
      total = f32x4.add(total, f32x4.mul(v128.load_splat<f32>(a + <usize>k * FLOAT), v128.load(from)));
      from += stepB;
    }
    v128.store(y + <usize>column * FLOAT, total);
  }
  for (; column < columns; column++) {
    let from = b + <usize>column * FLOAT;
    let total: f32 = 0;
    for (let k = 0; k < inner; k++) {
      total += load<f32>(a + <usize>k * FLOAT) * load<f32>(from);
      from += stepB;
    }
    store<f32>(y + <usize>column * FLOAT, total);
  }
}

/**
 * Rows whose products are added in float32 before they join the sums in float64: float32 alone loses two digits over
 * the pixels of a batch.
 */
const BLOCK: i32 = 64;

/**
 * sums += left^T right, the products of the columns of two tall matrices: left [rows, I], right [rows, J], and sums
 * [I, J] in float64. Fastest where J is the larger.
 */
export function crossProducts(left: usize, right: usize, sums: usize, rows: i32, I: i32, J: i32): void {
  for (let row = 0; row < rows; row += BLOCK) {
    const count = min(BLOCK, rows - row);
    crossBlock(
      left + <usize>row * <usize>I * FLOAT,
      right + <usize>row * <usize>J * FLOAT,
      sums,
      count,
      I,
      J,
    );
  }
}

function crossBlock(left: usize, right: usize, sums: usize, rows: i32, I: i32, J: i32): void {
  const stepL = <usize>I * FLOAT;
  const stepR = <usize>J * FLOAT;
  const stepS = <usize>J * DOUBLE;
  let i = 0;
  for (; i + 4 <= I; i += 4) {
    const from = left + <usize>i * FLOAT;
    const to = sums + <usize>i * stepS;
    let j = 0;
    for (; j + 8 <= J; j += 8) {
      crossTile(from, right + <usize>j * FLOAT, to + <usize>j * DOUBLE, rows, stepL, stepR, stepS);
    }
    for (let n: usize = 0; n < 4; n++) crossRow(from + n * FLOAT, right, to + n * stepS, rows, stepL, j, J);
  }
  for (; i < I; i++) {
    crossRow(left + <usize>i * FLOAT, right, sums + <usize>i * stepS, rows, stepL, 0, J);
  }
}

/** Four columns of the left by eight of the right. */
function crossTile(
  left: usize,
  right: usize,
  sums: usize,
  rows: i32,
  stepL: usize,
  stepR: usize,
  stepS: usize,
): void {
  let s00 = zero();
  let s01 = zero();
  let s10 = zero();
  let s11 = zero();
  let s20 = zero();
  let s21 = zero();
  let s30 = zero();
  let s31 = zero();
  for (let row = 0; row < rows; row++) {
    const low = v128.load(right);
    const high = v128.load(right, 16);
    let factor = v128.load_splat<f32>(left);
    s00 = f32x4.add(s00, f32x4.mul(factor, low));
    s01 = f32x4.add(s01, f32x4.mul(factor, high));
    factor = v128.load_splat<f32>(left, 4);
    s10 = f32x4.add(s10, f32x4.mul(factor, low));
    s11 = f32x4.add(s11, f32x4.mul(factor, high));
    factor = v128.load_splat<f32>(left, 8);
    s20 = f32x4.add(s20, f32x4.mul(factor, low));
    s21 = f32x4.add(s21, f32x4.mul(factor, high));
    factor = v128.load_splat<f32>(left, 12);
    s30 = f32x4.add(s30, f32x4.mul(factor, low));
    s31 = f32x4.add(s31, f32x4.mul(factor, high));
    left += stepL;
    right += stepR;
  }
  addToSums(sums, s00);
  addToSums(sums + 4 * DOUBLE, s01);
  addToSums(sums + stepS, s10);
  addToSums(sums + stepS + 4 * DOUBLE, s11);
  addToSums(sums + 2 * stepS, s20);
  addToSums(sums + 2 * stepS + 4 * DOUBLE, s21);
  addToSums(sums + 3 * stepS, s30);
  addToSums(sums + 3 * stepS + 4 * DOUBLE, s31);
}

/** One column of the left by those of the right from one on. */
function crossRow(left: usize, right: usize, sums: usize, rows: i32, stepL: usize, j: i32, J: i32): void {
  const stepR = <usize>J * FLOAT;
  for (; j + 4 <= J; j += 4) {
    let from = right + <usize>j * FLOAT;
    let total = zero();
    for (let row = 0; row < rows; row++) {
      const factor = v128.load_splat<f32>(left + <usize>row * stepL);
      total = f32x4.add(total, f32x4.mul(factor, v128.load(from)));
      from += stepR;
    }
    addToSums(sums + <usize>j * DOUBLE, total);
  }
  for (; j < J; j++) {
    let from = right + <usize>j * FLOAT;
    let total: f32 = 0;
    for (let row = 0; row < rows; row++) {
      total += load<f32>(left + <usize>row * stepL) * load<f32>(from);
      from += stepR;
    }
    addToSum(sums + <usize>j * DOUBLE, total);
  }
}
