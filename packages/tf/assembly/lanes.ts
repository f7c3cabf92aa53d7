// Four float32 numbers at a time: what several kernels need.

/** Bytes of a float32. */
export const FLOAT: usize = 4;
/** Bytes of a float64. */
export const DOUBLE: usize = 8;
/** Numbers in a vector. */
export const LANES: i32 = 4;

export function zero(): v128 {
  return f32x4.splat(0);
}

/** The sum of a vector's four numbers. */
export function lanesSum(v: v128): f32 {
  const halves = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
}

/** Adds four float32 numbers to four float64 sums. */
export function addToSums(sums: usize, v: v128): void {
  const low = f64x2.promote_low_f32x4(v);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  v128.store(sums, f64x2.add(v128.load(sums), low));
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
}

/** Adds one float32 number to a float64 sum. */
export function addToSum(sum: usize, x: f32): void {
  store<f64>(sum, load<f64>(sum) + <f64>x);
}

/** The first `count` of four numbers, at most three, the others 0. */
export function loadSome(from: usize, count: i32): v128 {
  let v = f32x4.splat(0);
  if (count > 0) v = f32x4.replace_lane(v, 0, load<f32>(from));
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(from, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(from, 8));
  return v;
}

/** Writes the first `count` of four numbers, at most three. */
export function storeSome(to: usize, v: v128, count: i32): void {
  if (count > 0) store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}
