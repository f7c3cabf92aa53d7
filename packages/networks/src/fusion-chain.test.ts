import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, rng } from '@refusion/core';
import { expectClose } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { fusionChain, fusionNetwork, type Link } from './index.js';

const { ops } = reference;
const values = (x: Tensor): Float64Array => (x as Float64Tensor).data;
const HEIGHT = 11;
const WIDTH = 5;

function image(seed: number): Tensor {
  const random = rng(seed);
  return ops.constant(Float64Array.from({ length: HEIGHT * WIDTH }, random.uniform), [1, HEIGHT, WIDTH, 1]);
}

describe.each([
  { dim: 4, blocks: 1, heads: 2, ffn: 1 },
  { dim: 6, blocks: 2, heads: 3, ffn: 1.5 },
])('the chain of a fusion network of $dim channels', (config) => {
  const net = fusionNetwork(config);
  const params = mapParams((x: NdArray): Tensor => ops.constant(x.data, x.shape), net.init(rng(1)));
  const chain = fusionChain(net.config);
  const sources = [image(2), image(3)];
  const all = ops.fill([1, HEIGHT, 1, 1], 1);

  const mapsOf = ({ attention }: Link, inputs: readonly Tensor[]): readonly Tensor[] =>
    attention ? attention.maps(ops, params, attention.sums(ops, params, inputs, all)) : [];

  it('is the network', () => {
    const fused = chain.reduce<readonly Tensor[]>(
      (inputs, link) => link.apply(ops, params, inputs, mapsOf(link, inputs)),
      sources,
    );
    const [a, b] = sources as [Tensor, Tensor];
    expectClose(values(fused[0] as Tensor), values(net.apply(ops, params, a, b)), 1e-13);
  });

  it('gives on a strip what it gives on the whole picture, but for the halo', () => {
    let inputs: readonly Tensor[] = sources;
    for (const link of chain) {
      const maps = mapsOf(link, inputs);
      const whole = link.apply(ops, params, inputs, maps);
      expect(whole.map((x) => x.shape[3])).toEqual(link.channels);
      const [top, bottom] = [3, 10];
      const rows = (x: Tensor, from: number, to: number): Tensor =>
        ops.slice(x, [0, from, 0, 0], [1, to - from, WIDTH, x.shape[3] as number]);
      const strip = link.apply(
        ops,
        params,
        inputs.map((x) => rows(x, top, bottom)),
        maps,
      );
      strip.forEach((part, i) => {
        const { halo } = link;
        const [kept, expected] = [
          rows(part, halo, bottom - top - halo),
          rows(whole[i] as Tensor, top + halo, bottom - halo),
        ];
        expectClose(values(kept), values(expected), 1e-13);
        // One row more would be wrong: the halo is as small as can be.
        const wrong = values(rows(part, halo - 1, halo));
        const right = values(rows(whole[i] as Tensor, top + halo - 1, top + halo));
        expect(wrong.some((value, j) => Math.abs(value - (right[j] as number)) > 1e-9)).toBe(true);
      });
      inputs = whole;
    }
  });

  it('has sums over strips that add up', () => {
    let inputs: readonly Tensor[] = sources;
    for (const link of chain) {
      const { attention } = link;
      if (attention) {
        const whole = attention.sums(ops, params, inputs, all);
        expect(whole.map(({ gram }) => gram.shape[1])).toEqual(attention.channels);
        const parts = [
          [0, 4],
          [4, 5],
          [5, HEIGHT],
        ].map(([from, to]) => {
          const [start, end] = [Math.max(0, (from as number) - 1), Math.min(HEIGHT, (to as number) + 1)];
          const counted = Array.from({ length: end - start }, (_unused, i) =>
            start + i >= (from as number) && start + i < (to as number) ? 1 : 0,
          );
          const strip = inputs.map((x) =>
            ops.slice(x, [0, start, 0, 0], [1, end - start, WIDTH, x.shape[3] as number]),
          );
          return attention.sums(ops, params, strip, ops.constant(counted, [1, end - start, 1, 1]));
        });
        whole.forEach((sums, i) => {
          for (const name of ['gram', 'q', 'k'] as const) {
            const total = parts.map((part) => part[i]?.[name] as Tensor).reduce((x, y) => ops.add(x, y));
            expectClose(values(total), values(sums[name]), 1e-12);
          }
        });
      }
      inputs = link.apply(ops, params, inputs, mapsOf(link, inputs));
    }
  });
});
