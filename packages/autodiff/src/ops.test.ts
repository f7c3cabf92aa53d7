import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { type Float64Tensor, grad, jvp, reference, type Tensor, transposedAttention, vjp } from './index.js';

const { ops } = reference;
const values = (x: Tensor): number[] => [...(x as Float64Tensor).data];
const row = (...xs: number[]): Tensor => ops.constant(xs, [xs.length]);

describe('values', () => {
  it('broadcast as NumPy does', () => {
    const sum = ops.add(ops.constant([1, 2], [2, 1]), row(10, 20, 30));
    expect([sum.shape, values(sum)]).toEqual([
      [2, 3],
      [11, 21, 31, 12, 22, 32],
    ]);
  });

  it('of activations at their special points', () => {
    // gelu(1) = Phi(1) = 0.8413447460685429 (standard normal tables)
    expect(values(ops.gelu(row(0, 1)))[1]).toBeCloseTo(0.8413447460685429, 15);
    expect(values(ops.sigmoid(row(0, 800, -800)))).toEqual([0.5, 1, 0]);
    expect(values(ops.softmax(row(1000, 1000), 0))).toEqual([0.5, 0.5]);
    expect(values(ops.leakyRelu(row(2, -2), 0.01))).toEqual([2, -0.02]);
    expect(values(ops.prelu(row(2, -2), row(-1.5)))).toEqual([2, 3]);
    expect(values(ops.minimum(row(1, 5), row(3, 2)))).toEqual([1, 2]);
  });

  it('of layerNorm have the mean of the shift and the deviation of the scale', () => {
    const y = ops.layerNorm(row(1, 2, 3, 4), row(2, 2, 2, 2), row(7, 7, 7, 7), 0);
    expect(values(ops.mean(y))[0]).toBeCloseTo(7, 14);
    expect(values(ops.mean(ops.square(ops.sub(y, 7))))[0]).toBeCloseTo(4, 14);
  });

  it('of split and concat are inverse', () => {
    const x = ops.constant(
      Float64Array.from({ length: 24 }, (_unused, i) => i),
      [2, 3, 4],
    );
    for (const [axis, parts] of [
      [0, 2],
      [1, 3],
      [-1, 2],
    ] as const) {
      expect(values(ops.concat(ops.split(x, parts, axis), axis))).toEqual(values(x));
    }
  });
});

describe('derivatives where a function has none', () => {
  const slope = (fn: (o: typeof ops, x: Tensor) => Tensor, at: number): number =>
    values(grad(ops, (o, x: Tensor) => fn(o, x), ops.scalar(at)))[0] as number;

  it('are those of PyTorch', () => {
    expect(slope((o, x) => o.abs(x), 0)).toBe(0);
    expect(slope((o, x) => o.maximum(x, 1), 1)).toBe(0.5);
    expect(slope((o, x) => o.detach(x), 3)).toBe(0);
    expect(slope((o, x) => o.leakyRelu(x, 0.01), 0)).toBe(0.01);
    expect(slope((o, x) => o.prelu(x, o.scalar(0.25)), 0)).toBe(0.25);
  });

  it('of the attention stay finite for a channel of zeros', () => {
    const zero = ops.zeros([1, 2, 2, 2]);
    const some = ops.constant([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
    const gradient = grad(
      ops,
      (o, q: Tensor) => o.sum(transposedAttention(o, q, some, some, o.fill([1, 1, 1], 1))),
      zero,
    );
    expect(values(gradient).every(Number.isFinite)).toBe(true);
  });
});

describe('transposedAttention', () => {
  it('equals the definition written out: a softmax of cosines within each head', () => {
    const [pixels, channels, heads] = [6, 4, 2];
    const draw = (seed: number): number[] =>
      Array.from({ length: pixels * channels }, (_unused, i) => Math.sin(seed + 1.7 * i));
    const [q, k, v] = [draw(1), draw(2), draw(3)] as [number[], number[], number[]];
    const temperatures = [0.7, 1.3];
    const column = (x: number[], c: number): number[] => x.filter((_value, i) => i % channels === c);
    const dot = (x: number[], y: number[]): number =>
      x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
    const expected = new Array<number>(pixels * channels).fill(0);
    for (let c = 0; c < channels; c++) {
      const head = Math.floor(c / 2);
      const peers = [2 * head, 2 * head + 1];
      const weights = peers.map((peer) => {
        const [x, y] = [column(q, c), column(k, peer)];
        const cosine = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
        return Math.exp((temperatures[head] as number) * cosine);
      });
      const total = (weights[0] as number) + (weights[1] as number);
      for (let p = 0; p < pixels; p++) {
        expected[p * channels + c] = peers.reduce(
          (sum, peer, i) => sum + ((weights[i] as number) / total) * (v[p * channels + peer] as number),
          0,
        );
      }
    }
    const image = (x: number[]): Tensor => ops.constant(x, [1, 2, 3, channels]);
    const y = transposedAttention(
      ops,
      image(q),
      image(k),
      image(v),
      ops.constant(temperatures, [heads, 1, 1]),
    );
    values(y).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 13);
    });
  });
});

describe('transforms', () => {
  it('take functions that use values of an enclosing derivative', () => {
    // d/dx [ x * d/dy (x y^2) ] at x = 3, y = 2: d/dx (2 x^2 y) = 4 x y
    const outer = grad(
      ops,
      (o, x: Tensor) =>
        o.mul(
          x,
          grad(o, (oo, y: Tensor) => oo.mul(x, oo.square(y)), o.scalar(2)),
        ),
      ops.scalar(3),
    );
    expect(values(outer)).toEqual([24]);
  });

  it('do not confuse the two levels of a nested jvp', () => {
    // d/dx [ x * d/dy (x + y) ] = 1 (Siskind and Pearlmutter's perturbation confusion gives 2)
    const one = ops.scalar(1);
    const inner = (o: typeof ops, x: Tensor): Tensor =>
      o.mul(x, jvp(o, (oo, y: Tensor) => oo.add(x, y), o.scalar(1), one).tangent);
    expect(values(jvp(ops, inner, ops.scalar(5), one).tangent)).toEqual([1]);
  });

  it('give zeros for inputs that do not matter, and for cotangents left out', () => {
    const { value, pullback } = vjp(ops, (o, { x }: { x: Tensor; y: Tensor }) => ({ a: o.square(x), b: x }), {
      x: ops.scalar(3),
      y: row(1, 2),
    });
    expect(values(value.a)).toEqual([9]);
    const { x, y } = pullback([ops.scalar(1), null]);
    expect([values(x), values(y)]).toEqual([[6], [0, 0]]);
  });

  it('say which shape does not fit', () => {
    const { pullback } = vjp(ops, (o, x: Tensor) => o.square(x), row(1, 2));
    expect(() => pullback([ops.scalar(1)])).toThrow(
      /cotangent 0 must have the shape of its value \[2\], got \[\]/,
    );
    expect(() => pullback([])).toThrow('the value has 1 leaves, got 0 cotangents');
    expect(() => jvp(ops, (_o, x: Tensor) => x, row(1), row(1, 2))).toThrow(
      'jvp: tangent 0 must have the shape of its input [1], got [2]',
    );
    expect(() => grad(ops, (_o, x: Tensor) => x, row(1))).toThrow(
      "grad: the function's value must have the shape [], got [1]",
    );
  });
});

it.each([
  [() => ops.add(row(1, 2), row(1, 2, 3)), 'add: [2] and [3] cannot be broadcast together'],
  [() => ops.constant([1], [2]), 'constant: the shape [2] needs 2 values, got 1'],
  [() => ops.matMul(row(1), row(1)), 'matMul: [1] and [1] cannot be multiplied'],
  [() => ops.reshape(row(1, 2), [3]), 'reshape: [2] has 2 values, [3] 3'],
  [() => ops.transpose(row(1), [1]), 'transpose: [1] is not an order of the axes of [1]'],
  [() => ops.slice(row(1, 2), [1], [2]), 'slice: [2] from [1] does not lie within [2]'],
  [() => ops.split(row(1, 2, 3), 2, 0), 'split: axis 0 of [3] cannot be cut into 2 equal parts'],
  [() => ops.sum(row(1), [1]), 'sum: [1] has no axis 1'],
  [() => ops.reshape(row(1, 2), [-1, -2]), 'reshape: needs whole numbers of at least 0, got [-1,-2]'],
  [() => ops.slice(row(1, 2), [0.5], [1]), 'slice: needs whole numbers of at least 0, got [0.5,1]'],
  [() => ops.pad(row(1), [-1], [0]), 'pad: needs whole numbers of at least 0, got [-1,0]'],
  [() => ops.concat([], 0), 'concat: needs at least one tensor'],
  [
    () => ops.concat([ops.zeros([1, 2]), ops.zeros([1, 3])], 0),
    'concat: [1,2] and [1,3] differ outside axis 0',
  ],
  [() => ops.broadcastTo(row(1, 2), [3]), 'broadcastTo: [2] and [3] cannot be broadcast together'],
  [() => ops.pad(row(1), [1, 1], [0]), 'pad: needs a width for each axis of [1], got [1,1] and [0]'],
  [() => ops.layerNorm(row(1, 2), row(1), row(1)), 'layerNorm: scale must have the shape [2], got [1]'],
  [
    () => ops.gram(ops.zeros([1, 2, 3]), ops.zeros([1, 3, 3])),
    'gram: y must have the shape [1,2,*], got [1,3,3]',
  ],
  [() => ops.squaredNorms(row(1)), 'squaredNorms: x must have the shape [*,*,*], got [1]'],
  [
    () => ops.conv3x3(ops.zeros([1, 4, 4, 3]), ops.zeros([2, 5, 3, 3])),
    'conv3x3: the filter must have the shape [*,3,3,3], got [2,5,3,3]',
  ],
  [
    () => ops.depthwise(ops.zeros([4, 4, 3]), ops.zeros([3, 1, 3, 3])),
    'depthwise: x must have the shape [*,*,*,*], got [4,4,3]',
  ],
])('a wrong shape throws a sentence (%#)', (run, message) => {
  expect(run).toThrow(ShapeError);
  expect(run).toThrow(message);
});

it('a slope outside [0, 1] is refused', () => {
  expect(() => ops.leakyRelu(row(1), 2)).toThrow(
    new OptionError('leakyRelu: slope must be from 0 to 1, got 2'),
  );
});
