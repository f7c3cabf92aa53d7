import { type Ops, recomputed, type Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { configOf, type NetworkConfig, networkConfig } from './config.js';
import { fusionModule, fusionModuleSpecs } from './layers/fusion-module.js';
import { below, blocksSpecs, transformerBlocks } from './layers/transformer-block.js';
import { expectSources, type Network, type NetworkOptions } from './network.js';
import { filter, initialise, type ParameterSpecs, parameter } from './parameters.js';

/**
 * The fusion network F: two sources to one image.
 *
 * @param a, b gray batches `[B, H, W, 1]` in [0, 1]
 * @returns the fused batch `[B, H, W, 1]`, in (0, 1)
 * @throws ShapeError if the sources differ in shape or a parameter is missing
 * @see ReFusion: the fusion network
 */
export function fusion(
  ops: Ops,
  params: Params<Tensor>,
  a: Tensor,
  b: Tensor,
  options: NetworkOptions = {},
): Tensor {
  expectSources('fusion', a, b);
  const blocks = (prefix: string, x: Tensor): Tensor => transformerBlocks(ops, params, prefix, x, options);
  const x1 = blocks('encoder1', sourceFeatures(ops, params, 1, a));
  const x2 = blocks('encoder2', sourceFeatures(ops, params, 2, b));
  const joined = options.recompute
    ? recomputed(ops, (o, at) => fusionModule(o, at.params, at.x1, at.x2), {
        params: below(params, 'FM'),
        x1,
        x2,
      })
    : fusionModule(ops, params, x1, x2);
  return fusedImage(ops, params, blocks('decoder', joined));
}

/** The first features of a source. */
export function sourceFeatures(ops: Ops, params: Params<Tensor>, source: 1 | 2, image: Tensor): Tensor {
  return ops.conv3x3(image, parameter(params, `project_in_${source}.weight`));
}

/** The fused image that the decoder's features show. */
export function fusedImage(ops: Ops, params: Params<Tensor>, x: Tensor): Tensor {
  const p = (name: string): Tensor => parameter(params, name);
  const features = ops.leakyRelu(ops.conv3x3(x, p('project_out_0.weight')), 0.01);
  return ops.sigmoid(ops.conv3x3(features, p('project_out_1.weight')));
}

function fusionSpecs({ dim, blocks, heads, ffn }: NetworkConfig): ParameterSpecs {
  return {
    ...filter('project_in_1', dim, 1, 3),
    ...filter('project_in_2', dim, 1, 3),
    ...blocksSpecs('encoder1', blocks, dim, heads, ffn),
    ...blocksSpecs('encoder2', blocks, dim, heads, ffn),
    ...fusionModuleSpecs(dim, heads),
    ...blocksSpecs('decoder', blocks, 2 * dim, heads, ffn),
    ...filter('project_out_0', dim, 2 * dim, 3),
    ...filter('project_out_1', 1, dim, 3),
  };
}

/**
 * The fusion network of a given size; 59,856 parameters at the default.
 * @throws OptionError naming the field of `config` that does not fit
 * @example
 * const net = fusionNetwork({ dim: 8, blocks: 1, heads: 4 });
 * const params = net.init(rng(1));
 */
export function fusionNetwork(config: Partial<NetworkConfig> = {}): Network<[a: Tensor, b: Tensor], Tensor> {
  const full = networkConfig(config);
  const specs = fusionSpecs(full);
  return { name: 'fusion', config: full, specs, init: (rng) => initialise(specs, rng), apply: fusion };
}

/** The size of the fusion network that parameters belong to; null if they are not a fusion network's. */
export function fusionConfigOf(params: Parameters<typeof configOf>[0]): NetworkConfig | null {
  return Object.hasOwn(params, 'FM.project_E.weight') ? configOf(params) : null;
}
