// The same networks trained by two other losses than ReFusion's, on synthetic scenes: a fixed one (the brighter pixel,
// the stronger edge), and a learnable one whose gradient part is fixed (TDFusion's: learned intensity weights, the
// stronger edge).
// Run: node --conditions=@refusion/source --import tsx examples/swapped-loss.ts
import { type NdArray, type Params, rng } from '@refusion/core';
import { batchStream, syntheticSource } from '@refusion/data';
import { type FusionLoss, learnableIntensityLoss, maximumLoss } from '@refusion/losses';
import { initialState, train, trainingSettings } from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';

const engine = await loadEngine('wasm');
const size = { dim: 4, blocks: 1, heads: 2 };
const source = syntheticSource({ task: 'ivif', count: 4, height: 64, width: 64, seed: 1 });

const uploaded = (params: Params<NdArray>) =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
  );

/** Trains from the same start, and prints the mean losses of the first and of the last updates. */
async function trainedBy(loss: FusionLoss): Promise<void> {
  const random = rng(1);
  const theta = {
    fusion: uploaded(fusionNetwork(size).init(random.fork('fusion'))),
    proposal: uploaded(proposalNetwork(size).init(random.fork('proposal'))),
    objective: uploaded(reconstructionNetwork(size).init(random.fork('reconstruction'))),
  };
  const stream = (name: string, indices: readonly number[]) =>
    batchStream(source, indices, { batch: 1, crop: 32, exchange: true, rng: random.fork(name) });
  const streams = {
    metaTrain: stream('meta-train', [0, 1]),
    metaTest: stream('meta-test', [2, 3]),
    fusionTrain: stream('fusion-train', [0, 1, 2, 3]),
  };
  // A fixed loss has nothing to learn: meta-steps would change nothing.
  const metaSteps = loss.uses.length > 0 ? 8 : 0;
  const settings = trainingSettings({ epochs: 3, metaSteps, fusionSteps: 20, rate: 1e-2, eta: 0.1 });
  const task = { learnerAt: () => refusionLearner({ loss }), batches: streams };
  const [fusion, outer]: [number[], number[]] = [[], []];
  for await (const event of train(engine, task, settings, initialState(engine.ops, theta))) {
    if (event.type === 'fusion-update') fusion.push(event.fusion.total);
    if (event.type === 'meta-step') outer.push(event.outer.total);
  }
  console.log(`${loss.name}: fusion loss ${trend(fusion)}`);
  if (outer.length > 0) console.log(`${loss.name}: outer loss ${trend(outer)}`);
}

function trend(values: readonly number[]): string {
  const mean = (some: readonly number[]) => (some.reduce((x, y) => x + y, 0) / some.length).toFixed(4);
  const third = Math.ceil(values.length / 3);
  return `${mean(values.slice(0, third))} -> ${mean(values.slice(-third))}`;
}

await trainedBy(maximumLoss);
await trainedBy(learnableIntensityLoss);
