import type { Operation } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

export interface AxisAttrs {
  readonly axis: number;
}

/** exp(x) / sum exp(x) over one axis. Subtracting the largest value changes nothing but the overflow. */
export const softmax: Operation<readonly [Tensor], AxisAttrs> = {
  name: 'softmax',
  define: (ops, [x], { axis }) => {
    const largest = ops.max(ops.detach(x), [axis], { keepDims: true });
    const e = ops.exp(ops.sub(x, largest));
    return ops.div(e, ops.sum(e, [axis], { keepDims: true }));
  },
  vjp: (ops, { output, attrs }, ct) => [() => pull(ops, output, ct, attrs.axis)],
  // The Jacobian diag(y) - y y^T is symmetric, so both rules are the same function.
  jvp: (ops, { output, attrs }, [dx]) => pull(ops, output, dx as Tensor, attrs.axis),
};

function pull(ops: Ops, y: Tensor, d: Tensor, axis: number): Tensor {
  const weighted = ops.mul(y, d);
  return ops.sub(weighted, ops.mul(y, ops.sum(weighted, [axis], { keepDims: true })));
}
