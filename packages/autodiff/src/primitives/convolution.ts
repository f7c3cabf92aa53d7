import { moved, NONE, type None, type Operation, sumOfTerms } from '../operation.js';
import type { Tensor } from '../tensor.js';

type Bilinear = Operation<readonly [Tensor, Tensor], None>;

/** A convolution (stride 1, zero "same" padding, no bias) and its two gradients. */
export interface Convolution {
  /** `(x [B,H,W,I], filter) -> [B,H,W,O]` */
  readonly forward: Bilinear;
  /** `(dy [B,H,W,O], filter) -> dx [B,H,W,I]` */
  readonly inputGrad: Bilinear;
  /** `(x [B,H,W,I], dy [B,H,W,O]) -> filter` */
  readonly filterGrad: Bilinear;
}

/**
 * A convolution is bilinear in image and filter: with `T(x, w, dy) = <dy, conv(x, w)>`, each of the three
 * operations is the gradient of T with respect to one argument as a function of the other two. So each one's rules
 * are the other two, and derivatives of any order stay within the three.
 */
function convolution(name: string): Convolution {
  const trio: Convolution = {
    forward: bilinear(
      name,
      () => [trio.inputGrad, trio.filterGrad],
      // forward(x, w): dT/dx = inputGrad(ct, w), dT/dw = filterGrad(x, ct)
      (x, w, ct) => [
        [ct, w],
        [x, ct],
      ],
    ),
    inputGrad: bilinear(
      `${name}InputGrad`,
      () => [trio.forward, trio.filterGrad],
      // inputGrad(dy, w): by dy it is forward(ct, w), by w filterGrad(ct, dy)
      (dy, w, ct) => [
        [ct, w],
        [ct, dy],
      ],
    ),
    filterGrad: bilinear(
      `${name}FilterGrad`,
      () => [trio.inputGrad, trio.forward],
      // filterGrad(x, dy): by x it is inputGrad(dy, ct), by dy forward(x, ct)
      (x, dy, ct) => [
        [dy, ct],
        [x, ct],
      ],
    ),
  };
  return trio;
}

type Pair = readonly [Tensor, Tensor];

function bilinear(
  name: string,
  partners: () => readonly [Bilinear, Bilinear],
  roles: (first: Tensor, second: Tensor, cotangent: Tensor) => readonly [Pair, Pair],
): Bilinear {
  const operation: Bilinear = {
    name,
    vjp: (ops, { inputs: [first, second] }, ct) => {
      const [byFirst, bySecond] = partners();
      const [argsFirst, argsSecond] = roles(first, second, ct);
      return [() => ops.apply(byFirst, argsFirst, NONE), () => ops.apply(bySecond, argsSecond, NONE)];
    },
    jvp: (ops, { inputs: [first, second] }, [dFirst, dSecond]) =>
      sumOfTerms(ops, [
        moved(dFirst, (d) => ops.apply(operation, [d, second], NONE)),
        moved(dSecond, (d) => ops.apply(operation, [first, d], NONE)),
      ]),
  };
  return operation;
}

/** 1x1, filters `[O, I, 1, 1]`. */
export const pointwise: Convolution = convolution('pointwise');

/** 3x3, one filter a channel, filters `[C, 1, 3, 3]`. */
export const depthwise: Convolution = convolution('depthwise');

/** 3x3, filters `[O, I, 3, 3]`. */
export const conv3x3: Convolution = convolution('conv3x3');
