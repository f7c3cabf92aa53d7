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

type Binary = (x: HostTensor, y: HostTensor) => HostTensor | null;

/**
 * Of two tensors of one shape, or of one and a scalar; null for any other pair. Each operation has loops of its own,
 * which are compiled for it alone.
 */
function valueByValue(fn: (a: number, b: number) => number): Binary {
  return (x, y) => {
    const [a, b] = [x.data, y.data];
    const out = new Float32Array(Math.max(a.length, b.length));
    if (sameShape(x.shape, y.shape)) {
      for (let i = 0; i < out.length; i++) out[i] = fn(a[i] as number, b[i] as number);
      return { data: out, shape: x.shape };
    }
    const [first, second] = [a[0] as number, b[0] as number];
    if (y.shape.length === 0) {
      for (let i = 0; i < out.length; i++) out[i] = fn(a[i] as number, second);
      return { data: out, shape: x.shape };
    }
    if (x.shape.length > 0) return null;
    for (let i = 0; i < out.length; i++) out[i] = fn(first, b[i] as number);
    return { data: out, shape: y.shape };
  };
}

const BINARY: { readonly [operation: string]: Binary } = {
  add: valueByValue((a, b) => a + b),
  sub: valueByValue((a, b) => a - b),
  mul: valueByValue((a, b) => a * b),
  div: valueByValue((a, b) => a / b),
  maximum: valueByValue(Math.max),
};

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
      return { data: x.data.map(Math.sqrt), shape: x.shape };
    default:
      return BINARY[operation]?.(x, y) ?? null;
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
