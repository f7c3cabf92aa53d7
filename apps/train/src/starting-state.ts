import type { Engine, Tensor } from '@refusion/autodiff';
import type { NdArray, Params, Rng } from '@refusion/core';
import { initialState, releaseState, restoredState, type TrainingState } from '@refusion/meta';
import { expectParameters, fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import type { Checkpoint } from './checkpoint-file.js';
import type { TrainConfig } from './config.js';

/**
 * The state that a training starts from: a checkpoint's, or a fresh one.
 * @throws ShapeError if the checkpoint's networks are not those of the configuration
 */
export function startingState(
  engine: Engine,
  config: TrainConfig,
  checkpoint: Checkpoint | null,
  random: Rng,
): TrainingState {
  return checkpoint
    ? checkpointState(engine, config, checkpoint)
    : freshState(engine, config, random.fork('parameters'));
}

/** Fresh parameters and moments of zero. */
function freshState(engine: Engine, { network }: TrainConfig, random: Rng): TrainingState {
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

function checkpointState(engine: Engine, { network }: TrainConfig, { saved }: Checkpoint): TrainingState {
  const state = restoredState(engine, saved);
  const { fusion, proposal, objective } = state.theta;
  try {
    expectParameters('checkpoint: fusion', fusionNetwork(network).specs, fusion);
    expectParameters('checkpoint: proposal', proposalNetwork(network).specs, proposal);
    expectParameters('checkpoint: reconstruction', reconstructionNetwork(network).specs, objective);
    return state;
  } catch (error) {
    releaseState(engine, state);
    throw error;
  }
}
