import { moved, type None, type Operation, sumOfTerms } from '../operation.js';
import type { Tensor } from '../tensor.js';

/**
 * The inner products of columns: `(x [B,N,I], y [B,N,J]) -> x^T y [B,I,J]`. An operation of its own so that no
 * transposed copy of a whole image stays on the tape.
 */
export const gram: Operation<readonly [Tensor, Tensor], None> = {
  name: 'gram',
  define: (ops, [x, y]) => ops.matMul(ops.swapLast(x), y),
  vjp: (ops, { inputs: [x, y] }, ct) => [() => ops.matMul(y, ops.swapLast(ct)), () => ops.matMul(x, ct)],
  jvp: (ops, { inputs: [x, y] }, [dx, dy]) =>
    sumOfTerms(ops, [moved(dx, (d) => ops.gram(d, y)), moved(dy, (d) => ops.gram(x, d))]),
};

/** The squared lengths of columns: `x [B,N,C] -> [B,1,C]`. Keeps only x on the tape. */
export const squaredNorms: Operation<readonly [Tensor], None> = {
  name: 'squaredNorms',
  define: (ops, [x]) => ops.sum(ops.mul(x, x), [1], { keepDims: true }),
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.mul(x, ops.mul(ct, 2))],
  jvp: (ops, { inputs: [x] }, [dx]) => ops.mul(ops.sum(ops.mul(x, dx as Tensor), [1], { keepDims: true }), 2),
};
