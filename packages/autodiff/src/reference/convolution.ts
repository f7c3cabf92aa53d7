import { sizeOf } from '@refusion/core';
import type { Kernels } from '../interpreter.js';
import type { Float64Tensor } from './array.js';

/**
 * Visits every pair of output pixel and input pixel that a k x k filter (k = 1 or 3, zero padding) connects, with
 * the filter's tap between them: y[to] gets x[from] times w[tap].
 */
function eachTap(
  [batch, height, width]: readonly number[],
  side: number,
  visit: (to: number, from: number, tap: number) => void,
): void {
  const [B, H, W] = [batch as number, height as number, width as number];
  const reach = (side - 1) / 2;
  for (let b = 0; b < B; b++) {
    for (let row = 0; row < H; row++) {
      for (let column = 0; column < W; column++) {
        const to = (b * H + row) * W + column;
        for (let tap = 0; tap < side * side; tap++) {
          const r = row + Math.floor(tap / side) - reach;
          const c = column + (tap % side) - reach;
          if (r >= 0 && r < H && c >= 0 && c < W) visit(to, (b * H + r) * W + c, tap);
        }
      }
    }
  }
}

type Inputs = readonly Float64Tensor[];
const at = (data: Float64Array, i: number): number => data[i] as number;

/** Every input channel to every output channel: filters `[O, I, side, side]`. */
function full(side: number) {
  const taps = side * side;
  return {
    forward: ([x, w]: Inputs): Float64Tensor => {
      const [image, filter] = [x as Float64Tensor, w as Float64Tensor];
      const [O, I] = filter.shape as [number, number];
      const shape = [...image.shape.slice(0, 3), O];
      const y = new Float64Array(sizeOf(shape));
      eachTap(shape, side, (to, from, tap) => {
        for (let o = 0; o < O; o++) {
          let total = 0;
          for (let i = 0; i < I; i++) {
            total += at(image.data, from * I + i) * at(filter.data, (o * I + i) * taps + tap);
          }
          y[to * O + o] = at(y, to * O + o) + total;
        }
      });
      return { data: y, shape };
    },
    inputGrad: ([dy, w]: Inputs): Float64Tensor => {
      const [slope, filter] = [dy as Float64Tensor, w as Float64Tensor];
      const [O, I] = filter.shape as [number, number];
      const shape = [...slope.shape.slice(0, 3), I];
      const dx = new Float64Array(sizeOf(shape));
      eachTap(shape, side, (to, from, tap) => {
        for (let i = 0; i < I; i++) {
          let total = 0;
          for (let o = 0; o < O; o++) {
            total += at(slope.data, to * O + o) * at(filter.data, (o * I + i) * taps + tap);
          }
          dx[from * I + i] = at(dx, from * I + i) + total;
        }
      });
      return { data: dx, shape };
    },
    filterGrad: ([x, dy]: Inputs): Float64Tensor => {
      const [image, slope] = [x as Float64Tensor, dy as Float64Tensor];
      const [I, O] = [image.shape[3] as number, slope.shape[3] as number];
      const shape = [O, I, side, side];
      const dw = new Float64Array(sizeOf(shape));
      eachTap(image.shape, side, (to, from, tap) => {
        for (let o = 0; o < O; o++) {
          const d = at(slope.data, to * O + o);
          for (let i = 0; i < I; i++) {
            const j = (o * I + i) * taps + tap;
            dw[j] = at(dw, j) + d * at(image.data, from * I + i);
          }
        }
      });
      return { data: dw, shape };
    },
  };
}

/** Each channel by itself: filters `[C, 1, 3, 3]`. */
const channelwise = {
  forward: ([x, w]: Inputs): Float64Tensor => {
    const [image, filter] = [x as Float64Tensor, w as Float64Tensor];
    const C = image.shape[3] as number;
    const y = new Float64Array(image.data.length);
    eachTap(image.shape, 3, (to, from, tap) => {
      for (let c = 0; c < C; c++) {
        y[to * C + c] = at(y, to * C + c) + at(image.data, from * C + c) * at(filter.data, c * 9 + tap);
      }
    });
    return { data: y, shape: image.shape };
  },
  inputGrad: ([dy, w]: Inputs): Float64Tensor => {
    const [slope, filter] = [dy as Float64Tensor, w as Float64Tensor];
    const C = slope.shape[3] as number;
    const dx = new Float64Array(slope.data.length);
    eachTap(slope.shape, 3, (to, from, tap) => {
      for (let c = 0; c < C; c++) {
        dx[from * C + c] = at(dx, from * C + c) + at(slope.data, to * C + c) * at(filter.data, c * 9 + tap);
      }
    });
    return { data: dx, shape: slope.shape };
  },
  filterGrad: ([x, dy]: Inputs): Float64Tensor => {
    const [image, slope] = [x as Float64Tensor, dy as Float64Tensor];
    const C = image.shape[3] as number;
    const dw = new Float64Array(C * 9);
    eachTap(image.shape, 3, (to, from, tap) => {
      for (let c = 0; c < C; c++) {
        dw[c * 9 + tap] = at(dw, c * 9 + tap) + at(image.data, from * C + c) * at(slope.data, to * C + c);
      }
    });
    return { data: dw, shape: [C, 1, 3, 3] };
  },
};

const [one, three] = [full(1), full(3)];

export const convolutionKernels = {
  pointwise: one.forward,
  pointwiseInputGrad: one.inputGrad,
  pointwiseFilterGrad: one.filterGrad,
  depthwise: channelwise.forward,
  depthwiseInputGrad: channelwise.inputGrad,
  depthwiseFilterGrad: channelwise.filterGrad,
  conv3x3: three.forward,
  conv3x3InputGrad: three.inputGrad,
  conv3x3FilterGrad: three.filterGrad,
} satisfies Kernels<Float64Tensor>;
