import { ShapeError } from './errors.js';

/** The lengths of an array's axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** The element storages an array may have. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/**
 * An n-dimensional array: a flat buffer and the lengths of its axes. Row-major without gaps unless `stride` and
 * `offset` say otherwise, so that arrays of scijs/ndarray are accepted as they are.
 */
export interface NdArray<D extends TypedArray = TypedArray> {
  readonly data: D;
  readonly shape: Shape;
  readonly stride?: readonly number[];
  readonly offset?: number;
}

/** The number of elements of an array of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** The row-major steps, in elements, of an array of this shape. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis] as number;
  }
  return strides;
}

/**
 * Pairs a buffer with a shape.
 * @throws ShapeError if the buffer does not have exactly the elements of the shape.
 */
export function ndarray<D extends TypedArray>(data: D, shape: Shape): NdArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`ndarray: the shape [${shape}] needs ${sizeOf(shape)} values, got ${data.length}`);
  }
  return { data, shape };
}

/** Whether the elements lie row-major, without gaps, from the buffer's first element to its last. */
export function isContiguous(x: NdArray): boolean {
  if ((x.offset ?? 0) !== 0 || x.data.length !== sizeOf(x.shape)) return false;
  const stride = x.stride;
  if (!stride) return true;
  const wanted = stridesOf(x.shape);
  return x.shape.every((length, axis) => length <= 1 || stride[axis] === wanted[axis]);
}

/**
 * The elements in row-major order as float64: the buffer itself where it already is that, a copy otherwise.
 */
export function toFloat64(x: NdArray): Float64Array {
  if (isContiguous(x)) return x.data instanceof Float64Array ? x.data : Float64Array.from(x.data);
  const size = sizeOf(x.shape);
  const out = new Float64Array(size);
  const stride = x.stride ?? stridesOf(x.shape);
  const index = new Array<number>(x.shape.length).fill(0);
  let at = x.offset ?? 0;
  for (let i = 0; i < size; i++) {
    out[i] = x.data[at] as number;
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      at += stride[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (x.shape[axis] as number)) break;
      at -= (index[axis] as number) * (stride[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
