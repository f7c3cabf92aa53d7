import type { Ops, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { type NetworkConfig, networkConfig } from './config.js';
import { blocksSpecs, transformerBlocks } from './layers/transformer-block.js';
import { expectGray, type Network, type NetworkOptions } from './network.js';
import { filter, initialise, type ParameterSpecs, parameter } from './parameters.js';

/** What R makes of a fused image: both sources again, each `[B, H, W, 1]` in (0, 1). */
export type Reconstruction = { readonly a: Tensor; readonly b: Tensor };

/**
 * The reconstruction network R: from the fused image back to the sources.
 *
 * @param fused a gray batch `[B, H, W, 1]` in [0, 1]
 * @throws ShapeError if the shape or a parameter does not fit
 * @see ReFusion: the reconstruction module. The widths are ours; the paper leaves them open.
 */
export function reconstruction(
  ops: Ops,
  params: Params<Tensor>,
  fused: Tensor,
  options: NetworkOptions = {},
): Reconstruction {
  expectGray('reconstruction', 'fused', fused);
  const p = (name: string): Tensor => parameter(params, name);
  const features = ops.conv3x3(fused, p('project_in.weight'));
  const x = transformerBlocks(ops, params, 'encoder', features, options);
  const head = (source: 1 | 2): Tensor => {
    const deep = ops.leakyRelu(ops.conv3x3(x, p(`head${source}.project_out_0.weight`)), 0.01);
    return ops.sigmoid(ops.conv3x3(deep, p(`head${source}.project_out_1.weight`)));
  };
  return { a: head(1), b: head(2) };
}

function reconstructionSpecs({ dim, blocks, heads, ffn }: NetworkConfig): ParameterSpecs {
  const head = (source: 1 | 2): ParameterSpecs => ({
    ...filter(`head${source}.project_out_0`, dim, dim, 3),
    ...filter(`head${source}.project_out_1`, 1, dim, 3),
  });
  return {
    ...filter('project_in', dim, 1, 3),
    ...blocksSpecs('encoder', blocks, dim, heads, ffn),
    ...head(1),
    ...head(2),
  };
}

/**
 * The reconstruction network of a given size.
 * @throws OptionError naming the field of `config` that does not fit
 */
export function reconstructionNetwork(
  config: Partial<NetworkConfig> = {},
): Network<[fused: Tensor], Reconstruction> {
  const full = networkConfig(config);
  const specs = reconstructionSpecs(full);
  return {
    name: 'reconstruction',
    config: full,
    specs,
    init: (rng) => initialise(specs, rng),
    apply: reconstruction,
  };
}
