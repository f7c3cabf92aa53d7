import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, rng } from '@refusion/core';
import { expectClose } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import {
  expectParameters,
  fusionConfigOf,
  fusionNetwork,
  parameterCount,
  proposalNetwork,
  reconstructionNetwork,
} from './index.js';

const { ops } = reference;
const values = (x: Tensor): Float64Array => (x as Float64Tensor).data;
const SMALL = { dim: 6, blocks: 1, heads: 3, ffn: 1.5 };

const onReference = (params: Params<NdArray>): Params<Tensor> =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, ops.constant(data, shape)]),
  );

function images(count: number, seed: number): Tensor {
  const random = rng(seed);
  return ops.constant(Float64Array.from({ length: count * 35 }, random.uniform), [count, 7, 5, 1]);
}

const networks = {
  fusion: { net: fusionNetwork(SMALL), inputs: 2 },
  proposal: { net: proposalNetwork(SMALL), inputs: 2 },
  reconstruction: { net: reconstructionNetwork(SMALL), inputs: 1 },
};

/** A network's outputs by name, whatever it returns. */
function run(
  name: keyof typeof networks,
  params: Params<Tensor>,
  a: Tensor,
  b: Tensor,
): Record<string, Tensor> {
  switch (name) {
    case 'fusion':
      return { fused: networks.fusion.net.apply(ops, params, a, b) };
    case 'proposal':
      return networks.proposal.net.apply(ops, params, a, b);
    case 'reconstruction':
      return networks.reconstruction.net.apply(ops, params, a);
  }
}

describe('the fusion network', () => {
  it('has exactly 59,856 parameters at the default size', () => {
    expect(parameterCount(fusionNetwork().specs)).toBe(59_856);
  });

  it('has its size read off its parameters', () => {
    const sizes = [
      {},
      SMALL,
      { dim: 4, blocks: 3, heads: 1, ffn: 3 },
      { dim: 48, ffn: 2.66 },
      { dim: 49, heads: 7, ffn: 1 / 49 },
    ];
    for (const config of sizes) {
      const net = fusionNetwork(config);
      const { dim, blocks, heads } = net.config;
      expect(fusionConfigOf(net.specs)).toMatchObject({ dim, blocks, heads });
      expectParameters('F', fusionNetwork(fusionConfigOf(net.specs) ?? {}).specs, net.specs);
    }
    expect(fusionConfigOf(proposalNetwork().specs)).toBeNull();
    expect(fusionConfigOf({})).toBeNull();
  });
});

describe.each(Object.keys(networks) as (keyof typeof networks)[])('the %s network', (name) => {
  const { net } = networks[name];
  const params = onReference(net.init(rng(3)));
  const [a, b] = [images(2, 4), images(2, 5)];

  it('starts from a seed: the same one gives the same parameters, another one others', () => {
    expect(net.init(rng(3))).toEqual(net.init(rng(3)));
    expect(net.init(rng(3))).not.toEqual(net.init(rng(4)));
    expectParameters(name, net.specs, net.init(rng(3)));
  });

  it('treats the images of a batch one by one', () => {
    const whole = run(name, params, a, b);
    const one = (x: Tensor, i: number): Tensor => ops.slice(x, [i, 0, 0, 0], [1, 7, 5, x.shape[3] as number]);
    for (const i of [0, 1]) {
      const alone = run(name, params, one(a, i), one(b, i));
      for (const [key, x] of Object.entries(alone))
        expectClose(values(x), values(one(whole[key] as Tensor, i)), 1e-13);
    }
  });

  it('gives images in (0, 1) of the input size, on constant images too', () => {
    for (const [x, y] of [
      [a, b],
      [ops.zeros([1, 3, 4, 1]), ops.fill([1, 3, 4, 1], 1)],
    ] as const) {
      for (const out of Object.values(run(name, params, x, y))) {
        expect(out.shape.slice(0, 3)).toEqual(x.shape.slice(0, 3));
        expect(values(out).every((v) => v > 0 && v < 1)).toBe(true);
      }
    }
  });

  it('says which parameter is missing, unknown or of another shape', () => {
    const [first, ...rest] = Object.entries(net.specs);
    const [firstName, spec] = first as [string, { shape: readonly number[] }];
    expect(() => expectParameters('x.safetensors', net.specs, Object.fromEntries(rest))).toThrow(
      `x.safetensors: the parameter "${firstName}" is missing`,
    );
    const wrong = { ...net.specs, [firstName]: { shape: [1] } };
    expect(() => expectParameters('x.safetensors', net.specs, wrong)).toThrow(
      `x.safetensors: "${firstName}" must have the shape [${spec.shape}], got [1]`,
    );
    expect(() =>
      expectParameters('x.safetensors', net.specs, { ...net.specs, extra: { shape: [1] } }),
    ).toThrow('x.safetensors: the parameter "extra" is not part of this network');
    expect(() => run(name, {}, a, b)).toThrow(/^networks: the parameter ".+" is missing$/);
  });
});

it.each(['decoder.0.', 'encoder1.0.', 'decoder.0.norm1.body.weight'])(
  'misses what begins with %s',
  (missing) => {
    const params = onReference(networks.fusion.net.init(rng(3)));
    const rest = Object.fromEntries(Object.entries(params).filter(([name]) => !name.startsWith(missing)));
    expect(() => networks.fusion.net.apply(ops, rest, images(1, 1), images(1, 2))).toThrow(
      /^networks: the parameter ".+" is missing$/,
    );
  },
);

it('proposes weights whose sum over the sources is 1 at every pixel', () => {
  const params = onReference(networks.proposal.net.init(rng(3)));
  const { w, v } = networks.proposal.net.apply(ops, params, images(2, 4), images(2, 5));
  for (const map of [w, v]) {
    expect(map.shape).toEqual([2, 7, 5, 2]);
    for (const total of values(ops.sum(map, [3]))) expect(total).toBeCloseTo(1, 14);
  }
});

it.each([
  [{ dim: 0 }, 'network: dim must be a whole number of at least 1, got 0'],
  [{ dim: 10, heads: 4 }, 'network: heads must divide dim, got 4 heads for dim 10'],
  [{ ffn: -1 }, 'network: ffn must give at least one hidden channel, got -1 for dim 16'],
  [{ blocks: 1.5 }, 'network: blocks must be a whole number of at least 1, got 1.5'],
])('refuses the size %j in one sentence', (config, message) => {
  expect(() => fusionNetwork(config)).toThrow(message);
});

it('names both shapes when the sources differ', () => {
  const params = onReference(networks.fusion.net.init(rng(3)));
  expect(() => networks.fusion.net.apply(ops, params, images(1, 1), images(2, 1))).toThrow(
    'fusion: b must have the shape of a [1,7,5,1], got [2,7,5,1]',
  );
});
