import { type Operation, Ops, reference, type Tensor } from '@refusion/autodiff';
import { ShapeError, sameShape } from '@refusion/core';

/** A tensor of the engine: float32 numbers of this process, row-major. They are never written again. */
export interface HostTensor extends Tensor {
  readonly data: Float32Array;
}

/** @throws ShapeError if the tensor belongs to another engine. */
export function asHostTensor(x: Tensor): HostTensor {
  if ('data' in x && x.data instanceof Float32Array) return x as HostTensor;
  throw new ShapeError(`onnx: the tensor [${x.shape}] belongs to another engine or is still being traced`);
}

/** Writes all of `out` from numbers of two arrays of its length. */
type Loop = (out: Float32Array, a: Float32Array, b: Float32Array) => void;

/** Writes all of `out` from numbers of an array of its length and the same number again and again. */
type NumberLoop = (out: Float32Array, a: Float32Array, b: number) => void;

/**
 * Each operation has loops of its own, written out: one that calls a function it is given is compiled for all functions
 * together, and takes several times as long; one for arrays and single numbers alike takes twice as long.
 */
const LOOPS: { readonly [operation: string]: Loop } = {
  add: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) + (b[i] as number);
  },
  sub: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) - (b[i] as number);
  },
  mul: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) * (b[i] as number);
  },
  div: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) / (b[i] as number);
  },
  maximum: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i] as number, b[i] as number);
  },
};

/** With a number as the second operand. */
const NUMBER_LOOPS: { readonly [operation: string]: NumberLoop } = {
  add: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) + b;
  },
  sub: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) - b;
  },
  mul: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) * b;
  },
  div: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) / b;
  },
  maximum: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i] as number, b);
  },
};

/** With a number as the first operand: `out` from an array and the number. */
const NUMBER_FIRST_LOOPS: { readonly [operation: string]: NumberLoop } = {
  ...NUMBER_LOOPS,
  sub: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = b - (a[i] as number);
  },
  div: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = b / (a[i] as number);
  },
};

/** Of two tensors of one shape, or of one and a number; null for any other pair. */
function valueByValue(operation: string, x: HostTensor, y: HostTensor): HostTensor | null {
  const loop = LOOPS[operation];
  if (!loop) return null;
  if (sameShape(x.shape, y.shape)) return written(x, (out) => loop(out, x.data, y.data));
  if (y.shape.length === 0)
    return written(x, (out) => NUMBER_LOOPS[operation]?.(out, x.data, y.data[0] as number));
  if (x.shape.length > 0) return null;
  return written(y, (out) => NUMBER_FIRST_LOOPS[operation]?.(out, y.data, x.data[0] as number));
}

/** A tensor of another's shape, by what writes all of it. */
function written({ shape, data }: HostTensor, write: (out: Float32Array) => void): HostTensor {
  const out = new Float32Array(data.length);
  write(out);
  return { data: out, shape };
}

function squareRoots(x: HostTensor): HostTensor {
  return written(x, (out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x.data[i] as number);
  });
}

/** Vectors one after another. */
function joined(parts: readonly HostTensor[]): HostTensor | null {
  if (parts.some(({ shape }) => shape.length !== 1)) return null;
  const out = new Float32Array(parts.reduce((size, { data }) => size + data.length, 0));
  let at = 0;
  for (const { data } of parts) {
    out.set(data, at);
    at += data.length;
  }
  return { data: out, shape: [out.length] };
}

/** A part of a vector, in the same memory, since no tensor is written again. */
function part(
  { data, shape }: HostTensor,
  begin: readonly number[],
  size: readonly number[],
): HostTensor | null {
  if (shape.length !== 1) return null;
  const [from, length] = [begin[0] as number, size[0] as number];
  return { data: data.subarray(from, from + length), shape: size };
}

/**
 * The op set on arrays of this process, for what is small: parameters, gradients, moments. Every operation is computed
 * in float64 and its result rounded once to float32. What goes value by value has loops of its own; all else is the
 * reference interpreter's.
 */
export const hostOps = new Ops({
  name: 'onnx',
  constant: (values, shape): HostTensor => ({ data: Float32Array.from(values), shape }),
  apply: (_ops, operation, inputs, attrs) => {
    const own = inputs.map(asHostTensor);
    return quick(operation.name, own, attrs) ?? byReference(operation, own, attrs);
  },
  scope: <R>(fn: () => R): R => fn(),
  release: () => {},
});

interface Attrs {
  readonly shape: readonly number[];
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

function quick(operation: string, own: readonly HostTensor[], attrs: unknown): HostTensor | null {
  const [x, y] = own as [HostTensor, HostTensor];
  const { shape, begin, size } = attrs as Attrs;
  switch (operation) {
    case 'reshape':
      return { data: x.data, shape };
    case 'slice':
      return part(x, begin, size);
    case 'concat':
      return joined(own);
    case 'detach':
      return x;
    case 'sqrt':
      return squareRoots(x);
    default:
      return valueByValue(operation, x, y);
  }
}

function byReference<I extends readonly Tensor[], A>(
  operation: Operation<I, A>,
  own: readonly HostTensor[],
  attrs: A,
): HostTensor {
  const wide = own.map(({ data, shape }) => reference.ops.constant(data, shape));
  const result = reference.ops.apply(operation, wide as readonly Tensor[] as I, attrs);
  const { data } = result as Tensor & { readonly data: Float64Array };
  return { data: Float32Array.from(data), shape: result.shape };
}
