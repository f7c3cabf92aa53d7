import { totalmem } from 'node:os';
import type { Engine, Tensor } from '@refusion/autodiff';
import {
  leavesOf,
  mapParams,
  type NdArray,
  type Params,
  RefusionError,
  type Rng,
  rng,
  type Shape,
  sizeOf,
  type Tree,
} from '@refusion/core';
import { picture } from '@refusion/image-io';
import {
  adam,
  adamState,
  type Batch,
  fusionOptimisers,
  fusionUpdateOn,
  metaGradientOn,
  type Theta,
} from '@refusion/meta';
import {
  fusionNetwork,
  type NetworkConfig,
  proposalNetwork,
  reconstructionNetwork,
} from '@refusion/networks';
import { type Fuse, pipeline, refusionLearner } from '@refusion/pipeline';
import { onnxStages } from '@refusion/pipeline/node';

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
  /** Threads within an operation, where engines that compile fuse. Default: one for each core. */
  readonly threads?: number;
}

/** The pieces of work, each from the same start at every call, finished when its promise resolves. */
export interface Workload {
  /** A meta-step: inner update, outer loss, hypergradient, Adam on P. */
  readonly meta: () => Promise<void>;
  /** A fusion update: Adam on F and on R. */
  readonly fusion: () => Promise<void>;
  /** F on one pair. */
  readonly forward: () => Promise<void>;
  /** Frees what `forward` keeps. */
  readonly close: () => void;
}

const RATE = 1e-4;

/**
 * What a step keeps for each pixel of a batch, at the least: `wasm` took 1.7 GB for 4 pairs of 128x128, other engines take
 * more. In proportion to the networks' width.
 */
const BYTES_PER_PIXEL_AND_WIDTH = 1_250;
const AUTHORS_WIDTH = 16;

/** So that what is far too large is told at once, in words. */
function expectFits({ batch, size, network = {} }: WorkloadSize): void {
  const bytes = batch * size ** 2 * (network.dim ?? AUTHORS_WIDTH) * BYTES_PER_PIXEL_AND_WIDTH;
  if (bytes <= totalmem()) return;
  const gigabytes = (count: number) => `${Math.round(count / 1e9)} GB`;
  throw new RefusionError(
    `a batch of ${batch} pairs of ${size}x${size} takes at least ${gigabytes(bytes)}, and this machine has ${gigabytes(totalmem())}; choose a smaller --batch or --size`,
  );
}

/**
 * Fresh networks and random images on an engine, and the work on them.
 * @throws RefusionError if the machine's memory cannot hold it
 */
export function workload(engine: Engine, sizes: WorkloadSize): Workload {
  expectFits(sizes);
  const { batch, size, forward = FORWARD, network = {}, threads } = sizes;
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
    meta: async () => {
      const meta = await metaGradientOn(engine, learner, theta, [metaTrain], metaTest, RATE);
      const { gradient } = meta.hypergradient;
      const { params, state } = adam(ops, theta.proposal, gradient, moments, { rate: RATE });
      await finish(engine, params, [meta, state.m, state.v]);
    },
    fusion: async () => {
      const update = await fusionUpdateOn(engine, learner, theta, optimisers, metaTrain, { rate: RATE });
      const { fusion, objective } = update.optimisers;
      const rest = [update.gradients, fusion.m, fusion.v, objective.m, objective.v];
      await finish(engine, update.updated, rest);
    },
    // Where steps are compiled, pictures are fused by models of their own, as `refusion-fuse` does it.
    ...(engine.evaluate
      ? compiledForward(random, network, forward, threads)
      : {
          forward: () =>
            finish(
              engine,
              ops.scope(() => learner.fuse(ops, theta.fusion, large)),
              [],
            ),
          close: () => {},
        }),
  };
}

function compiledForward(
  random: Rng,
  network: Partial<NetworkConfig>,
  [height, width]: typeof FORWARD,
  threads: number | undefined,
): Pick<Workload, 'forward' | 'close'> {
  const weights = fusionNetwork(network).init(random);
  const random8 = () =>
    picture(
      Uint8Array.from({ length: height * width }, () => random.integer(256)),
      [height, width],
    );
  const [a, b] = [random8(), random8()];
  // One model for the size from the first picture on.
  let fuse: Fuse | null = null;
  return {
    forward: async () => {
      fuse ??= await pipeline({
        weights,
        engine: onnxStages({ fixedAfter: 0, ...(threads && { threads }) }),
      });
      await fuse(a, b);
    },
    close: () => fuse?.dispose(),
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

/** Reads a result, which has then been computed, and frees it with all that was made on the way. */
async function finish(engine: Engine, result: Tree<Tensor>, rest: Tree<Tensor>): Promise<void> {
  for (const leaf of leavesOf<Tensor>(result)) await engine.read(leaf);
  engine.release([result, rest]);
}
