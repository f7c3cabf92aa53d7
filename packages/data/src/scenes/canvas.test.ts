import { describe, expect, it } from 'vitest';
import { brush, canvas, mapPixels } from './canvas.js';
import { box, ellipse } from './outline.js';

const sum = (map: Float32Array) => map.reduce((total, value) => total + value, 0);

describe('brush', () => {
  it('covers the area of an outline, edges smoothed', () => {
    const on = canvas(100, 150);
    brush(on)(ellipse(0.7, 0.5, 0.3, 0.3), { reflectance: 0.5, heat: 0.25, glow: 2 });
    const area = Math.PI * 30 ** 2;
    expect(Math.abs(sum(on.cover) - area)).toBeLessThan(0.002 * area);
    expect(sum(on.reflectance)).toBeCloseTo(0.5 * sum(on.cover), 2);
    expect(sum(on.heat)).toBeCloseTo(0.25 * sum(on.cover), 2);
    expect(sum(on.glow)).toBeCloseTo(2 * sum(on.cover), 1);
  });

  it('paints over what is there, labels too', () => {
    const on = canvas(4, 4);
    brush(on, undefined, 1)(box([0, 0, 1, 1]), { reflectance: 1 });
    brush(on, undefined, 2)(box([0.5, 0, 1, 1]), { reflectance: 0.25 });
    expect([...on.reflectance.subarray(0, 4)]).toEqual([1, 1, 0.25, 0.25]);
    expect([...on.labels.subarray(4, 8)]).toEqual([1, 1, 2, 2]);
  });

  it('leaves the labels alone where it has none, as a shadow does', () => {
    const on = canvas(2, 2);
    brush(on, undefined, 3)(box([0, 0, 1, 1]), { reflectance: 1 });
    brush(on, undefined, null)(box([0, 0, 1, 1]), { reflectance: 0.5 });
    expect([...on.labels]).toEqual([3, 3, 3, 3]);
    expect([...on.reflectance]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it("draws in a place's own coordinates", () => {
    const [placed, plain] = [canvas(40, 60), canvas(40, 60)];
    const tone = (x: number, y: number) => ({ reflectance: 0.5 + 0.1 * x - 0.2 * y });
    brush(placed, { x: 0.8, y: 0.9, size: 0.5 })(box([-1, -1, 1, 0]), tone);
    brush(plain)(box([0.3, 0.4, 1.3, 0.9]), (x, y) => tone((x - 0.8) / 0.5, (y - 0.9) / 0.5));
    expect(sum(plain.cover)).toBeCloseTo(800, 3);
    placed.reflectance.forEach((value, i) => {
      expect(value).toBeCloseTo(plain.reflectance[i] as number, 6);
    });
  });

  it('leaves alone what lies outside the picture', () => {
    const on = canvas(4, 4);
    brush(on)(box([-3, -3, -1, -1]), { reflectance: 1 });
    brush(on)(box([2, 2, 3, 3]), { reflectance: 1 });
    expect(sum(on.cover)).toBe(0);
  });
});

describe('mapPixels', () => {
  it('evaluates at the middles of the pixels, in units of the height', () => {
    expect([...mapPixels(2, 3, (x) => x)]).toEqual([0.25, 0.75, 1.25, 0.25, 0.75, 1.25]);
    expect([...mapPixels(2, 3, (_, y) => y)]).toEqual([0.25, 0.25, 0.25, 0.75, 0.75, 0.75]);
    expect([...mapPixels(2, 3, (_x, _y, i) => i)]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
