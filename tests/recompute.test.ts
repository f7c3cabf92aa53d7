import type { Engine, Tensor } from '@refusion/autodiff';
import { leavesOf, type NdArray, type Params, rng } from '@refusion/core';
import { type Batch, type MetaGradient, metaGradient, type Theta } from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';
import { beforeAll, describe, expect, it, vi } from 'vitest';

// ReFusion's own networks in float32, whose blocks keep their inputs alone for the way back.
const SIZE = { dim: 4, blocks: 2, heads: 2, ffn: 2 };

let engine: Engine;
let theta: Theta;
beforeAll(async () => {
  engine = await loadEngine('wasm');
  const upload = (params: Params<NdArray>): Params<Tensor> =>
    Object.fromEntries(
      Object.entries(params).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
    );
  theta = {
    fusion: upload(fusionNetwork(SIZE).init(rng(1))),
    proposal: upload(proposalNetwork(SIZE).init(rng(2))),
    objective: upload(reconstructionNetwork(SIZE).init(rng(3))),
  };
});

function batch(seed: number): Batch {
  const random = rng(seed);
  const image = (): Tensor =>
    engine.ops.constant(Float32Array.from({ length: 96 }, random.uniform), [1, 12, 8, 1]);
  return { a: image(), b: image() };
}

async function numbersOf(tree: MetaGradient): Promise<number[][]> {
  const leaves = leavesOf<Tensor>(tree);
  return Promise.all(leaves.map(async (x) => Array.from(await engine.read(x))));
}

describe.each([1, 2])('a meta-step of %i inner steps whose blocks are recomputed', (innerSteps) => {
  it('gives the same numbers, with fewer tensors alive', async () => {
    const train = Array.from({ length: innerSteps }, (_unused, k) => batch(10 + k));
    const test = batch(40);
    const results: number[][][] = [];
    const most: number[] = [];
    for (const recompute of [false, true]) {
      const before = engine.tensorCount();
      let alive = 0;
      const release = vi.spyOn(engine.ops, 'release').mockImplementation((x) => {
        alive = Math.max(alive, engine.tensorCount() - before);
        engine.release(x);
      });
      const learner = refusionLearner({ alphaF: 0.5, recompute });
      const meta = engine.ops.scope(() => metaGradient(engine.ops, learner, theta, train, test, 0.01));
      release.mockRestore();
      results.push(await numbersOf(meta));
      most.push(alive);
      engine.release([...new Set(leavesOf<Tensor>(meta))]);
      expect(engine.tensorCount()).toBe(before);
    }
    const [plain, again] = results as [number[][], number[][]];
    // The same operations on the same numbers, in the same order: no bit differs.
    expect(again).toEqual(plain);
    const [kept, made] = most as [number, number];
    expect(kept).toBeGreaterThan(0);
    expect(made).toBeLessThan(0.8 * kept);
  });
});
