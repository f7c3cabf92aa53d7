/** How the numbers of one dtype lie in a file, and the array they are read into. */
export interface NumberFormat {
  readonly bytes: number;
  readonly array: (length: number) => Float32Array | Float64Array;
  readonly read: (view: DataView, at: number) => number;
}

const float32 = (length: number): Float32Array => new Float32Array(length);

/**
 * The dtypes of safetensors that hold real numbers, little-endian. The 16-bit ones are widened to float32, which
 * holds each of their values exactly. A `Map`, so that a dtype of a hostile file cannot reach a prototype.
 */
export const NUMBER_FORMATS: ReadonlyMap<string, NumberFormat> = new Map([
  ['F64', { bytes: 8, array: (n: number) => new Float64Array(n), read: (v, at) => v.getFloat64(at, true) }],
  ['F32', { bytes: 4, array: float32, read: (v, at) => v.getFloat32(at, true) }],
  ['F16', { bytes: 2, array: float32, read: (v, at) => fromHalf(v.getUint16(at, true)) }],
  ['BF16', { bytes: 2, array: float32, read: (v, at) => fromBrainFloat(v.getUint16(at, true)) }],
] satisfies [string, NumberFormat][]);

/** The value of an IEEE 754 binary16 number: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The value of a bfloat16 number: the upper half of a float32. */
function fromBrainFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
