import type { Engine, Tensor } from '@refusion/autodiff';
import {
  leavesOf,
  mapParams,
  type NdArray,
  type Params,
  type Rng,
  rng,
  type Shape,
  sizeOf,
  type Tree,
} from '@refusion/core';
import {
  adam,
  adamState,
  type Batch,
  fusionOptimisers,
  fusionUpdate,
  metaGradient,
  type Theta,
} from '@refusion/meta';
import {
  fusionNetwork,
  type NetworkConfig,
  proposalNetwork,
  reconstructionNetwork,
} from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';

/** The pair that is fused, unless another size is given. */
export const FORWARD: readonly [height: number, width: number] = [480, 640];

/** The sizes of what is timed. */
export interface WorkloadSize {
  /** Pairs in a batch. */
  readonly batch: number;
  /** Height and width of a training image. */
  readonly size: number;
  /** Height and width of the pair that is fused. Default: `FORWARD`. */
  readonly forward?: typeof FORWARD;
  /** The networks' size. Default: the authors'. */
  readonly network?: Partial<NetworkConfig>;
}

/** The pieces of work, each from the same start at every call, finished when its promise resolves. */
export interface Workload {
  /** A meta-step: inner update, outer loss, hypergradient, Adam on P. */
  readonly meta: () => Promise<void>;
  /** A fusion update: Adam on F and on R. */
  readonly fusion: () => Promise<void>;
  /** F on one pair. */
  readonly forward: () => Promise<void>;
}

const RATE = 1e-4;

/** Fresh networks and random images on an engine, and the work on them. */
export function workload(
  engine: Engine,
  { batch, size, forward = FORWARD, network = {} }: WorkloadSize,
): Workload {
  const { ops } = engine;
  const random = rng(0);
  const theta = freshTheta(engine, random, network);
  const learner = refusionLearner();
  const pair = (count: number, height: number, width: number): Batch => ({
    a: randomImages(engine, random, [count, height, width, 1]),
    b: randomImages(engine, random, [count, height, width, 1]),
  });
  const [metaTrain, metaTest, large] = [
    pair(batch, size, size),
    pair(batch, size, size),
    pair(1, ...forward),
  ];
  const moments = adamState(ops, theta.proposal);
  const optimisers = fusionOptimisers(ops, theta);
  return {
    meta: () =>
      finish(engine, () => {
        const { hypergradient } = metaGradient(ops, learner, theta, [metaTrain], metaTest, RATE);
        return adam(ops, theta.proposal, hypergradient.gradient, moments, { rate: RATE }).params;
      }),
    fusion: () =>
      finish(engine, () => {
        return fusionUpdate(ops, learner, theta, optimisers, metaTrain, { rate: RATE }).updated;
      }),
    forward: () => finish(engine, () => learner.fuse(ops, theta.fusion, large)),
  };
}

function freshTheta({ ops }: Engine, random: Rng, network: Partial<NetworkConfig>): Theta {
  const upload = (params: Params<NdArray<Float32Array>>): Params<Tensor> =>
    mapParams(({ data, shape }) => ops.constant(data, shape), params);
  return {
    fusion: upload(fusionNetwork(network).init(random)),
    proposal: upload(proposalNetwork(network).init(random)),
    objective: upload(reconstructionNetwork(network).init(random)),
  };
}

function randomImages({ ops }: Engine, random: Rng, shape: Shape): Tensor {
  return ops.constant(
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    shape,
  );
}

/** Does a piece of work to its end: a result that has been read has been computed. */
async function finish(engine: Engine, work: () => Tree<Tensor>): Promise<void> {
  const result = engine.ops.scope(work);
  for (const leaf of leavesOf<Tensor>(result)) await engine.read(leaf);
  engine.release(result);
}
