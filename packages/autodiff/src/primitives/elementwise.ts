import { moved, type None, type Operation, sumOfTerms } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

type Unary = Operation<readonly [Tensor], None>;
type Binary = Operation<readonly [Tensor, Tensor], None>;

/** A function of one number, elementwise, given its derivative from input and output. */
function unary(name: string, derivative: (ops: Ops, x: Tensor, y: Tensor) => Tensor): Unary {
  return {
    name,
    vjp: (ops, { inputs: [x], output }, ct) => [() => ops.mul(ct, derivative(ops, x, output))],
    jvp: (ops, { inputs: [x], output }, [dx]) => ops.mul(dx as Tensor, derivative(ops, x, output)),
  };
}

/** A broadcasting function of two numbers, given the two products with its partial derivatives. */
function binary(
  name: string,
  byA: (ops: Ops, d: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
  byB: (ops: Ops, d: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
): Binary {
  return {
    name,
    vjp: (ops, { inputs: [a, b], output }, ct) => [
      () => ops.unbroadcast(byA(ops, ct, a, b, output), a.shape),
      () => ops.unbroadcast(byB(ops, ct, a, b, output), b.shape),
    ],
    jvp: (ops, { inputs: [a, b], output }, [da, db]) =>
      ops.broadcastTo(
        sumOfTerms(ops, [
          moved(da, (d) => byA(ops, d, a, b, output)),
          moved(db, (d) => byB(ops, d, a, b, output)),
        ]),
        output.shape,
      ),
  };
}

export const add = binary(
  'add',
  (_ops, d) => d,
  (_ops, d) => d,
);

export const sub = binary(
  'sub',
  (_ops, d) => d,
  (ops, d) => ops.neg(d),
);

export const mul = binary(
  'mul',
  (ops, d, _a, b) => ops.mul(d, b),
  (ops, d, a) => ops.mul(d, a),
);

export const div = binary(
  'div',
  (ops, d, _a, b) => ops.div(d, b),
  (ops, d, _a, b, y) => ops.neg(ops.div(ops.mul(d, y), b)),
);

/** 1 where a > b, 0 where a < b, one half at ties: each gets half of the derivative, as in PyTorch. */
function firstWins(ops: Ops, a: Tensor, b: Tensor): Tensor {
  return ops.mul(ops.add(ops.sign(ops.sub(a, b)), 1), 0.5);
}

export const maximum = binary(
  'maximum',
  (ops, d, a, b) => ops.mul(d, firstWins(ops, a, b)),
  (ops, d, a, b) => ops.mul(d, firstWins(ops, b, a)),
);

export const neg: Unary = {
  name: 'neg',
  vjp: (ops, _at, ct) => [() => ops.neg(ct)],
  jvp: (ops, _at, [dx]) => ops.neg(dx as Tensor),
};

/** The derivative at 0 is 0, as in PyTorch. */
export const abs = unary('abs', (ops, x) => ops.sign(x));

/** -1, 0 or 1. */
export const sign: Unary = { name: 'sign', flat: true };

/** The derivative at 0 is infinite: bound the argument away from it. */
export const sqrt: Unary = {
  name: 'sqrt',
  vjp: (ops, { output }, ct) => [() => ops.div(ops.mul(ct, 0.5), output)],
  jvp: (ops, { output }, [dx]) => ops.div(ops.mul(dx as Tensor, 0.5), output),
};

export const exp = unary('exp', (_ops, _x, y) => y);

export const log: Unary = {
  name: 'log',
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.div(ct, x)],
  jvp: (ops, { inputs: [x] }, [dx]) => ops.div(dx as Tensor, x),
};

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** The error function; its derivative is 2/sqrt(pi) exp(-x^2). */
export const erf = unary('erf', (ops, x) => ops.mul(ops.exp(ops.neg(ops.mul(x, x))), TWO_OVER_ROOT_PI));

/** The identity whose derivative is zero. */
export const detach: Unary = { name: 'detach', flat: true };
