import { type Operation, sumOfTerms } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';
import type { ShapeAttrs } from './reduce.js';

export const reshape: Operation<readonly [Tensor], ShapeAttrs> = {
  name: 'reshape',
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.reshape(ct, x.shape)],
  jvp: (ops, { attrs }, [dx]) => ops.reshape(dx as Tensor, attrs.shape),
};

export interface TransposeAttrs {
  /** Output axis i is input axis `permutation[i]`. */
  readonly permutation: readonly number[];
}

export const transpose: Operation<readonly [Tensor], TransposeAttrs> = {
  name: 'transpose',
  vjp: (ops, { attrs: { permutation } }, ct) => [
    () =>
      ops.transpose(
        ct,
        permutation.map((_axis, axis) => permutation.indexOf(axis)),
      ),
  ],
  jvp: (ops, { attrs }, [dx]) => ops.transpose(dx as Tensor, attrs.permutation),
};

export interface SliceAttrs {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

export const slice: Operation<readonly [Tensor], SliceAttrs> = {
  name: 'slice',
  vjp: (ops, { inputs: [x], attrs: { begin, size } }, ct) => [
    () => {
      const after = x.shape.map((length, axis) => length - (begin[axis] as number) - (size[axis] as number));
      return ops.pad(ct, begin, after);
    },
  ],
  jvp: (ops, { attrs }, [dx]) => ops.slice(dx as Tensor, attrs.begin, attrs.size),
};

export interface PadAttrs {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Surrounds with zeros. */
export const pad: Operation<readonly [Tensor], PadAttrs> = {
  name: 'pad',
  vjp: (ops, { inputs: [x], attrs }, ct) => [() => ops.slice(ct, attrs.before, x.shape)],
  jvp: (ops, { attrs }, [dx]) => ops.pad(dx as Tensor, attrs.before, attrs.after),
};

export interface ConcatAttrs {
  readonly axis: number;
}

/** Where each part begins on the axis. */
function beginnings(inputs: readonly Tensor[], axis: number): number[] {
  let at = 0;
  return inputs.map((part) => {
    const begin = at;
    at += part.shape[axis] as number;
    return begin;
  });
}

function partOf(ops: Ops, whole: Tensor, part: Tensor, axis: number, begin: number): Tensor {
  const start = part.shape.map((_length, i) => (i === axis ? begin : 0));
  return ops.slice(whole, start, part.shape);
}

export const concat: Operation<readonly Tensor[], ConcatAttrs> = {
  name: 'concat',
  vjp: (ops, { inputs, attrs: { axis } }, ct) => {
    const begins = beginnings(inputs, axis);
    return inputs.map((part, i) => () => partOf(ops, ct, part, axis, begins[i] as number));
  },
  jvp: (ops, { inputs, attrs: { axis } }, tangents) => {
    const parts = inputs.map((part, i) => tangents[i] ?? ops.zeros(part.shape));
    return ops.concat(parts, axis);
  },
};

/** `[..., n, k] x [..., k, m]` with equal leading axes. */
export const matMul: Operation<readonly [Tensor, Tensor], Readonly<Record<string, never>>> = {
  name: 'matMul',
  vjp: (ops, { inputs: [a, b] }, ct) => [
    () => ops.matMul(ct, ops.swapLast(b)),
    // The first factor may be a whole image, which `gram` need not transpose.
    () => (a.shape.length === 3 ? ops.gram(a, ct) : ops.matMul(ops.swapLast(a), ct)),
  ],
  jvp: (ops, { inputs: [a, b] }, [da, db]) =>
    sumOfTerms(ops, [da && ops.matMul(da, b), db && ops.matMul(a, db)]),
};
