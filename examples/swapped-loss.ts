// Two updates of a fusion network by a fixed loss instead of the learned one, on synthetic scenes.
// Run: node --conditions=@refusion/source --import tsx examples/swapped-loss.ts
import { type NdArray, type Params, rng } from '@refusion/core';
import { batchStream, syntheticSource } from '@refusion/data';
import { maximumLoss } from '@refusion/losses';
import { initialState, train, trainingSettings } from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';

const engine = await loadEngine('wasm');
const random = rng(1);
const size = { dim: 4, blocks: 1, heads: 2 };
const upload = (params: Params<NdArray>) =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
  );
const theta = {
  fusion: upload(fusionNetwork(size).init(random)),
  proposal: upload(proposalNetwork(size).init(random)),
  objective: upload(reconstructionNetwork(size).init(random)),
};

const source = syntheticSource({ task: 'mfif', count: 2, height: 64, width: 64, seed: 1 });
const stream = batchStream(source, [0, 1], { batch: 1, crop: 32, exchange: false, rng: random });
const task = {
  learnerAt: () => refusionLearner({ loss: maximumLoss }),
  batches: { metaTrain: stream, metaTest: stream, fusionTrain: stream },
};
const settings = trainingSettings({ epochs: 1, metaSteps: 0, fusionSteps: 2 });
for await (const event of train(engine, task, settings, initialState(engine.ops, theta))) {
  if (event.type === 'fusion-update') console.log(`update ${event.step + 1}: ${event.fusion.total}`);
}
