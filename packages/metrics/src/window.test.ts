import { rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { OrderedWindow } from './ordered-window.js';
import { gaussianTaps, type Plane, slideWindow } from './window.js';

const [HEIGHT, WIDTH] = [37, 23];
const random = rng(8);
const plane = (): Plane => ({
  data: Float64Array.from({ length: HEIGHT * WIDTH }, () => random.integer(256)),
  height: HEIGHT,
  width: WIDTH,
});
const [x, y, z] = [plane(), plane(), plane()];

/** The weighted mean of a function of the element's index, by the definition of the window. */
function meanAt(
  size: number,
  sigma: number,
  row: number,
  column: number,
  value: (i: number) => number,
): number {
  let [sum, weights] = [0, 0];
  for (let down = 0; down < size; down++) {
    for (let right = 0; right < size; right++) {
      const distance = (down - (size - 1) / 2) ** 2 + (right - (size - 1) / 2) ** 2;
      const weight = Math.exp(-distance / (2 * sigma ** 2));
      sum += weight * value((row + down) * WIDTH + column + right);
      weights += weight;
    }
  }
  return sum / weights;
}

const at = ({ data }: Plane, i: number): number => data[i] as number;

describe('gaussianTaps', () => {
  it('are symmetric, with the sum 1 and the ratios of a Gaussian', () => {
    const taps = gaussianTaps(5, 2);
    expect(taps.reduce((sum, tap) => sum + tap, 0)).toBeCloseTo(1, 15);
    expect([...taps].reverse()).toEqual([...taps]);
    expect((taps[0] as number) / (taps[2] as number)).toBeCloseTo(Math.exp(-0.5), 15);
  });
});

// Four pairs of taps and more; four; fewer; and windows as large as the image is wide.
describe.each([17, 11, 9, 5, 3, 23])('a %d pixel window', (size) => {
  it('shows the weighted means of all places, partner by partner', () => {
    let places = 0;
    slideWindow(gaussianTaps(size, size / 5), x, [y, z], (partner, means, start, end, row) => {
      const other = partner === 0 ? y : z;
      for (let column = 0; column < end - start; column++) {
        const mean = (value: (i: number) => number) => meanAt(size, size / 5, row, column, value);
        const i = start + column;
        // Rounding errors of sums near 255^2 are below 1e-10.
        expect(means.x[i]).toBeCloseTo(
          mean((k) => at(x, k)),
          9,
        );
        expect(means.y[i]).toBeCloseTo(
          mean((k) => at(other, k)),
          9,
        );
        expect(means.xx[i]).toBeCloseTo(
          mean((k) => at(x, k) ** 2),
          9,
        );
        expect(means.yy[i]).toBeCloseTo(
          mean((k) => at(other, k) ** 2),
          9,
        );
        expect(means.xy[i]).toBeCloseTo(
          mean((k) => at(x, k) * at(other, k)),
          9,
        );
        places++;
      }
    });
    expect(places).toBe(2 * (HEIGHT - size + 1) * (WIDTH - size + 1));
  });
});

describe.each([9, 5, 3])('an ordered %d pixel window', (size) => {
  const window = new OrderedWindow(size, size / 5);

  it('halves an image', () => {
    const half = window.halve(x);
    expect([half.height, half.width]).toEqual([(HEIGHT - size + 2) >> 1, (WIDTH - size + 2) >> 1]);
    for (let i = 0; i < half.data.length; i++) {
      const [row, column] = [2 * Math.floor(i / half.width), 2 * (i % half.width)];
      expect(half.data[i]).toBeCloseTo(
        meanAt(size, size / 5, row, column, (k) => at(x, k)),
        10,
      );
    }
  });

  it('has the moments of a place', () => {
    const [row, column] = [4, 7];
    const mean = (value: (i: number) => number) => meanAt(size, size / 5, row, column, value);
    const [meanX, meanY] = [mean((i) => at(x, i)), mean((i) => at(y, i))];
    const { varianceX, varianceY, covariance } = window.moments(x, y, row * WIDTH + column);
    expect(varianceX).toBeCloseTo(
      mean((i) => (at(x, i) - meanX) ** 2),
      9,
    );
    expect(varianceY).toBeCloseTo(
      mean((i) => (at(y, i) - meanY) ** 2),
      9,
    );
    expect(covariance).toBeCloseTo(
      mean((i) => (at(x, i) - meanX) * (at(y, i) - meanY)),
      9,
    );
  });
});
