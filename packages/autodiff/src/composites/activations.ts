import type { None, Operation } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

type Unary = Operation<readonly [Tensor], None>;

/** 1 / (1 + exp(-x)). Its rules use the output, which stays exact where exp(-x) overflows. */
export const sigmoid: Unary = {
  name: 'sigmoid',
  define: (ops, [x]) => ops.div(1, ops.add(1, ops.exp(ops.neg(x)))),
  vjp: (ops, { output }, ct) => [() => ops.mul(ct, sigmoidSlope(ops, output))],
  jvp: (ops, { output }, [dx]) => ops.mul(dx as Tensor, sigmoidSlope(ops, output)),
};

function sigmoidSlope(ops: Ops, y: Tensor): Tensor {
  return ops.mul(y, ops.sub(1, y));
}

/** The standard normal density, exp(-x^2/2) / sqrt(2 pi). */
function normalDensity(ops: Ops, x: Tensor): Tensor {
  return ops.mul(ops.exp(ops.mul(ops.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

/** The standard normal distribution function, (1 + erf(x / sqrt 2)) / 2. */
function normalCdf(ops: Ops, x: Tensor): Tensor {
  return ops.mul(ops.add(ops.erf(ops.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** x Phi(x): the exact form, by erf (Hendrycks and Gimpel 2016). */
export const gelu: Unary = {
  name: 'gelu',
  define: (ops, [x]) => ops.mul(x, normalCdf(ops, x)),
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.mul(ct, ops.geluSlope(x))],
  jvp: (ops, { inputs: [x] }, [dx]) => ops.mul(dx as Tensor, ops.geluSlope(x)),
};

/** gelu's derivative, Phi(x) + x phi(x); its own is phi(x) (2 - x^2). */
export const geluSlope: Unary = {
  name: 'geluSlope',
  define: (ops, [x]) => ops.add(normalCdf(ops, x), ops.mul(x, normalDensity(ops, x))),
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.mul(ct, geluCurvature(ops, x))],
  jvp: (ops, { inputs: [x] }, [dx]) => ops.mul(dx as Tensor, geluCurvature(ops, x)),
};

function geluCurvature(ops: Ops, x: Tensor): Tensor {
  return ops.mul(normalDensity(ops, x), ops.sub(2, ops.mul(x, x)));
}

/** x where positive, slope x elsewhere. An operation of its own because engines have it; derived by its definition. */
export const prelu: Operation<readonly [x: Tensor, slope: Tensor], None> = {
  name: 'prelu',
  define: (ops, [x, slope]) => {
    const positive = ops.maximum(ops.sign(x), 0);
    return ops.mul(x, ops.add(positive, ops.mul(ops.sub(1, positive), slope)));
  },
};
