import { fromBinary } from '@bufbuild/protobuf';
import { jvp, type Ops, reference, type Tensor, vjp } from '@refusion/autodiff';
import { expectClose, normals } from '@refusion/test-utils';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { type Block, compile, describeModel, type Layout } from './index.js';
import { chooseBlock, openSession } from './node.js';

/** Relative errors (L2) of float32 against float64 through a few operations with their derivatives, as in the contract. */
const TOLERANCE = 3e-6;

type Inputs = { readonly [name: string]: Tensor };
type Fn = (ops: Ops, inputs: Inputs) => Tensor;

const { block } = await chooseBlock();
const one = block ?? 16;
const two = 2 * one;

/** A blocked image of `channels` from the plain one of a single channel. */
const features = (ops: Ops, { x, w }: Inputs, channels = two): Tensor =>
  ops.conv3x3(x as Tensor, ops.slice(w as Tensor, [0, 0, 0, 0], [channels, 1, 3, 3]));

const columns = (ops: Ops, image: Tensor): Tensor => {
  const [b, h, w, c] = image.shape as [number, number, number, number];
  return ops.reshape(image, [b, h * w, c]);
};

/** An image whose pixels are mixed by what its own products say. */
function attended(ops: Ops, image: Tensor): Tensor {
  const [a, b] = [columns(ops, image), columns(ops, ops.exp(image))];
  const map = ops.softmax(ops.div(ops.gram(a, b), ops.add(ops.squaredNorms(a), 1)), -1);
  return ops.reshape(ops.matMul(b, map), image.shape);
}

/** Functions of an image, of filters that give it channels, of a vector over them and of a matrix. */
const FUNCTIONS: Readonly<Record<string, Fn>> = {
  'a vector over channels': (o, i) =>
    o.add(o.mul(features(o, i), i['v'] as Tensor), o.sub(features(o, i), i['v'] as Tensor)),
  'numbers for pixels': (o, i) =>
    o.mul(o.div(features(o, i), o.add(o.exp(i['x'] as Tensor), 1)), i['x'] as Tensor),
  'numbers for samples': (o, i) =>
    o.mul(features(o, i), o.mean(i['x'] as Tensor, [1, 2], { keepDims: true })),
  'vectors for samples': (o, i) => o.mul(features(o, i), o.mean(features(o, i), [1, 2], { keepDims: true })),
  'a scalar': (o, i) => o.mul(features(o, i), o.sum(i['v'] as Tensor)),
  'sums over channels': (o, i) => o.sum(o.square(features(o, i)), [3]),
  'sums over all': (o, i) => o.add(o.sum(features(o, i)), o.sum(o.square(features(o, i)), [0, 1, 2])),
  'the largest of the channels': (o, i) => o.max(features(o, i), [3]),
  'softmax over channels': (o, i) => o.softmax(features(o, i), -1),
  'parts joined': (o, i) => {
    const [a, b] = o.split(features(o, i), 2, -1) as [Tensor, Tensor];
    return o.concat([o.exp(b), a, features(o, i, one)], -1);
  },
  'pieces of a vector': (o, i) => {
    const v = i['v'] as Tensor;
    const [a, b] = o.split(v, 2, 0) as [Tensor, Tensor];
    return o.mul(features(o, i), o.concat([o.exp(b), a], 0));
  },
  'pieces of a vector that leave a gap': (o, i) => {
    const v = i['v'] as Tensor;
    const [a, b] = [o.slice(v, [0], [3]), o.slice(v, [5], [two - 5])];
    return o.mul(features(o, i), o.mul(o.sum(a), o.sum(o.exp(b))));
  },
  'pieces of a vector that overlap': (o, i) => {
    const v = i['v'] as Tensor;
    const [a, b] = [o.slice(v, [0], [one]), o.slice(v, [3], [one])];
    return o.mul(features(o, i), o.mul(o.sum(a), o.sum(o.exp(b))));
  },
  'parts within a block': (o, i) => {
    const [a, b] = o.split(features(o, i, one), 2, -1) as [Tensor, Tensor];
    return o.mul(a, b);
  },
  'rows joined and cut': (o, i) => {
    const image = features(o, i, one);
    const [b, h, w, c] = image.shape as [number, number, number, number];
    return o.concat([image, o.slice(image, [0, 1, 0, 0], [b, h - 1, w, c])], 1);
  },
  'filters cut out of one': (o, i) => {
    const all = o.reshape(o.slice(o.reshape(i['m'] as Tensor, [two * two]), [one], [2 * two]), [
      4,
      one,
      1,
      1,
    ]);
    const [a, b] = o.split(all, 2, 0) as [Tensor, Tensor];
    const filter = o.reshape(o.concat([b, a, b], 0), [3 * two, 1, 1, 1]);
    return o.mul(features(o, i), o.sum(o.slice(filter, [2, 0, 0, 0], [two, 1, 1, 1])));
  },
  'a frame of zeros': (o, i) => o.square(o.pad(features(o, i, one), [0, 1, 0, 0], [0, 0, 2, 0])),
  'rows and columns exchanged': (o, i) => o.transpose(features(o, i, one), [0, 2, 1, 3]),
  activations: (o, i) => o.mul(o.gelu(features(o, i)), o.sigmoid(o.erf(features(o, i, two)))),
  'a leaky rectifier': (o, i) => o.leakyRelu(features(o, i), 0.1),
  'a learnable rectifier': (o, i) => o.prelu(features(o, i), i['v'] as Tensor),
  'activations of what is plain': (o, i) => {
    const plain = o.conv3x3(features(o, i, 3), o.broadcastTo(i['w'] as Tensor, [two, 3, 3, 3]));
    const rectified = o.prelu(plain, o.reshape(o.slice(i['v'] as Tensor, [0], [8]), [8, 1]));
    return o.add(o.gelu(plain), o.mul(o.prelu(plain, i['v'] as Tensor), rectified));
  },
  'an image of one number a row': (o, i) =>
    o.mul(features(o, i), o.reshape(o.slice(i['v'] as Tensor, [0], [4]), [4, 1, 1])),
  'a gate of a norm': (o, i) => {
    const m = o.reshape(i['m'] as Tensor, [two, two, 1, 1]);
    const normed = o.layerNorm(features(o, i), i['v'] as Tensor, o.exp(i['v'] as Tensor));
    const [a, b] = [o.pointwise(normed, m), o.pointwise(o.mul(normed, i['v'] as Tensor), m)];
    return o.add(features(o, i), o.pointwise(o.mul(o.gelu(a), b), m));
  },
  'products of pixels': (o, i) => {
    const mixed = attended(o, features(o, i));
    return o.pointwise(mixed, o.reshape(i['m'] as Tensor, [two, two, 1, 1]));
  },
  'products of pixels of one block': (o, i) => {
    const filter = o.reshape(o.slice(i['m'] as Tensor, [0, 0], [one, one]), [one, one, 1, 1]);
    return o.pointwise(attended(o, features(o, i, one)), filter);
  },
  'products of pixels that fill no block': (o, i) => attended(o, features(o, i, 3)),
  factors: (o, i) => {
    const f = o.mul(features(o, i), 0.5);
    return o.add(o.mul(o.mul(f, o.mul(f, 3)), 0.25), o.div(o.mul(features(o, i, two), 7), 2));
  },
  'channels that fill no block': (o, i) => o.gelu(features(o, i, 3)),
};

interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

function inputsFor(batch: number): Record<string, Numbers> {
  const shapes = { x: [batch, 4, 8, 1], w: [two, 1, 3, 3], v: [two], m: [two, two] };
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], seed) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { data: Float32Array.from(normals(size, seed), (x) => 0.4 * x), shape }];
    }),
  );
}

/** A function's value, its derivative along its own inputs, and the gradient of half its square. */
function derivatives(fn: Fn): (ops: Ops, inputs: Inputs) => Record<string, Tensor> {
  return (ops, inputs) => {
    const { value, pullback } = vjp(ops, fn, inputs);
    const { tangent } = jvp(ops, fn, inputs, inputs);
    const slopes = Object.entries(pullback([value])).map(([name, x]) => [`d_${name}`, x]);
    return { value, tangent, ...Object.fromEntries(slopes) };
  };
}

describe.runIf(block !== null)('in blocks (skipped where onnxruntime has none that works)', () => {
  const cases = Object.keys(FUNCTIONS).flatMap((name) => [1, 2].map((batch) => ({ name, batch })));

  it.each(cases)('$name of $batch image(s) agree with reference', async ({ name, batch }) => {
    const run = derivatives(FUNCTIONS[name] as Fn);
    const arrays = inputsFor(batch);
    const layout: Layout = 'row-major';
    const names = ['value', 'tangent', ...Object.keys(arrays).map((input) => `d_${input}`)];
    const model = compile(run, {
      inputs: Object.fromEntries(Object.entries(arrays).map(([key, { shape }]) => [key, { shape, layout }])),
      outputLayouts: Object.fromEntries(names.map((output) => [output, layout])),
      block: block as Block,
    });
    expect(describeModel(model).blocked).toBe(!name.endsWith('fill no block'));
    const session = await openSession(model, { threads: 1, optimise: false, blocked: true });
    const actual = await session.run(arrays);
    await session.close();
    const { ops } = reference;
    const tensors = Object.entries(arrays).map(([key, { data, shape }]) => [key, ops.constant(data, shape)]);
    for (const [output, expected] of Object.entries(run(ops, Object.fromEntries(tensors)))) {
      expectClose(actual[output]?.data ?? [], await reference.read(expected), TOLERANCE);
      expect(actual[output]?.shape).toEqual(expected.shape);
    }
  });
});

/** How often each operator is in a compiled function of images `[1,4,8,two]` and filters. */
function operators(fn: (ops: Ops, images: readonly Tensor[], w: Tensor) => Tensor): Record<string, number> {
  const run = (ops: Ops, { x, y, w }: Inputs) => ({
    z: fn(
      ops,
      [x, y].map((image) => ops.exp(ops.conv3x3(image as Tensor, w as Tensor))),
      w as Tensor,
    ),
  });
  const [images, filters] = [
    [1, 4, 8, two],
    [two, two, 3, 3],
  ];
  const model = compile(run, {
    inputs: { x: { shape: images }, y: { shape: images }, w: { shape: filters } },
    block: block as Block,
  });
  const counts: Record<string, number> = {};
  for (const { opType } of fromBinary(ModelProtoSchema, model).graph?.node ?? []) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

describe.runIf(block !== null)('what blocks save (skipped where onnxruntime has none that works)', () => {
  it('sums of convolutions are added while they are computed', () => {
    const { Add, Conv } = operators((o, [x, y], w) =>
      o.add(o.add(o.conv3x3(x as Tensor, w), x as Tensor), o.conv3x3(y as Tensor, w)),
    );
    expect({ Add, Conv }).toEqual({ Conv: 4 });
    const nested = operators((o, [x, y], w) =>
      o.add(x as Tensor, o.add(o.conv3x3(x as Tensor, w), o.conv3x3(y as Tensor, w))),
    );
    expect(nested['Add']).toBeUndefined();
  });

  it('sums of products over pixels are not written down', () => {
    const counts = operators((o, [x, y]) => o.sum(o.mul(x as Tensor, y as Tensor), [1, 2]));
    expect(counts['Mul']).toBeUndefined();
  });

  it("GELU and its slope write over erf, and the slope's sum is a convolution's", () => {
    const counts = operators((o, [x, y]) => {
      const { value, pullback } = vjp(o, (oo, image: Tensor) => oo.gelu(image), x as Tensor);
      return o.mul(value, pullback([y as Tensor]));
    });
    expect(counts).toMatchObject({ Erf: 1, HardSigmoid: 1 });
    expect(counts['Add']).toBeUndefined();
  });

  it('pieces are put one after another, and sums of sums take no longer for it', () => {
    const cut = operators((o, [x]) => {
      const { pullback } = vjp(
        o,
        (oo, image: Tensor) => {
          const [a, b] = oo.split(image, 2, 1) as [Tensor, Tensor];
          return oo.mul(oo.exp(a), b);
        },
        x as Tensor,
      );
      return pullback([o.slice(x as Tensor, [0, 0, 0, 0], [1, 2, 8, two])]);
    });
    expect(cut['Concat']).toBe(1);
    expect(cut['Pad']).toBeUndefined();
    const doubled = (v: Tensor, ops: Ops, times: number): Tensor =>
      times === 0 ? v : doubled(ops.add(v, v), ops, times - 1);
    const model = compile((ops, { v }) => ({ y: doubled(v as Tensor, ops, 60) }), {
      inputs: { v: { shape: [3] } },
      block: block as Block,
    });
    expect(describeModel(model).outputs).toHaveLength(1);
  });
});
