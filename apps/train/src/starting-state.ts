import type { Engine, Tensor } from '@refusion/autodiff';
import type { NdArray, Params, Rng } from '@refusion/core';
import { initialState, restoredState, type TrainingState } from '@refusion/meta';
import { expectParameters, fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import type { Checkpoint } from './checkpoint-file.js';
import type { TrainConfig } from './config.js';

/** Fresh parameters and moments of zero. */
export function freshState(engine: Engine, { network }: TrainConfig, random: Rng): TrainingState {
  const upload = (params: Params<NdArray>): Params<Tensor> =>
    Object.fromEntries(
      Object.entries(params).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
    );
  return initialState(engine.ops, {
    fusion: upload(fusionNetwork(network).init(random.fork('fusion'))),
    proposal: upload(proposalNetwork(network).init(random.fork('proposal'))),
    objective: upload(reconstructionNetwork(network).init(random.fork('reconstruction'))),
  });
}

/**
 * The state that a checkpoint holds.
 * @throws ShapeError if its networks are not those of the configuration
 */
export function checkpointState(
  engine: Engine,
  { network }: TrainConfig,
  { saved }: Checkpoint,
): TrainingState {
  const state = restoredState(engine, saved);
  expectParameters('checkpoint: fusion', fusionNetwork(network).specs, state.theta.fusion);
  expectParameters('checkpoint: proposal', proposalNetwork(network).specs, state.theta.proposal);
  expectParameters('checkpoint: reconstruction', reconstructionNetwork(network).specs, state.theta.objective);
  return state;
}
