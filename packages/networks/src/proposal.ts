import type { Ops, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { sobelMagnitude } from '@refusion/ops';
import { type NetworkConfig, networkConfig } from './config.js';
import { blocksSpecs, transformerBlocks } from './layers/transformer-block.js';
import { expectSources, type Network, type NetworkOptions } from './network.js';
import { filter, initialise, type ParameterSpecs, parameter } from './parameters.js';

/** What P proposes: for each pixel, which source's intensity and which source's gradient to keep. */
export type LossWeights = {
  /** Intensity weights `[B, H, W, 2]`, of a and of b, in (0, 1), with sum 1. */
  readonly w: Tensor;
  /** Gradient weights `[B, H, W, 2]`, of a and of b, in (0, 1), with sum 1. */
  readonly v: Tensor;
};

/**
 * The loss proposal network P: from the sources and their Sobel magnitudes to the weights of the fusion loss.
 *
 * @param a, b gray batches `[B, H, W, 1]` in [0, 1]
 * @throws ShapeError if the sources differ in shape or a parameter is missing
 * @see ReFusion: the loss proposal module. The head and the widths are ours; the paper leaves them open.
 */
export function proposal(
  ops: Ops,
  params: Params<Tensor>,
  a: Tensor,
  b: Tensor,
  options: NetworkOptions = {},
): LossWeights {
  expectSources('proposal', a, b);
  const p = (name: string): Tensor => parameter(params, name);
  const encode = (source: 1 | 2, image: Tensor): Tensor => {
    const withEdges = ops.concat([image, sobelMagnitude(ops, image)], -1);
    const features = ops.conv3x3(withEdges, p(`project_in_${source}.weight`));
    return transformerBlocks(ops, params, `encoder${source}`, features, options);
  };
  const joined = ops.concat([encode(1, a), encode(2, b)], -1);
  const x = transformerBlocks(ops, params, 'decoder', joined, options);
  const features = ops.prelu(ops.conv3x3(x, p('project_out_0.weight')), p('act.weight'));
  const [w, v] = ops.split(ops.conv3x3(features, p('project_out_1.weight')), 2, -1) as [Tensor, Tensor];
  return { w: ops.softmax(w, -1), v: ops.softmax(v, -1) };
}

function proposalSpecs({ dim, blocks, heads, ffn }: NetworkConfig): ParameterSpecs {
  return {
    ...filter('project_in_1', dim, 2, 3),
    ...filter('project_in_2', dim, 2, 3),
    ...blocksSpecs('encoder1', blocks, dim, heads, ffn),
    ...blocksSpecs('encoder2', blocks, dim, heads, ffn),
    ...blocksSpecs('decoder', blocks, 2 * dim, heads, ffn),
    ...filter('project_out_0', dim, 2 * dim, 3),
    'act.weight': { shape: [1], start: 0.25 },
    ...filter('project_out_1', 4, dim, 3),
  };
}

/**
 * The loss proposal network of a given size.
 * @throws OptionError naming the field of `config` that does not fit
 */
export function proposalNetwork(
  config: Partial<NetworkConfig> = {},
): Network<[a: Tensor, b: Tensor], LossWeights> {
  const full = networkConfig(config);
  const specs = proposalSpecs(full);
  return { name: 'proposal', config: full, specs, init: (rng) => initialise(specs, rng), apply: proposal };
}
