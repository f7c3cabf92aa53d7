import {
  type AttentionSums,
  attend,
  attentionMap,
  attentionSums,
  type Ops,
  type Tensor,
} from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { filter, type ParameterSpecs, parameter } from '../parameters.js';
import { gatedProduct, projected, qkvParts } from './transformer-block.js';

/** The parameters of the attention fusion module. */
export function fusionModuleSpecs(dim: number, heads: number): ParameterSpecs {
  const attention = (source: 1 | 2): ParameterSpecs => ({
    [`FM.temperature${source}`]: { shape: [heads, 1, 1], start: 1 },
    ...filter(`FM.qkv${source}`, 3 * dim, dim, 1),
    ...filter(`FM.qkv${source}_dwconv`, 3 * dim, 1, 3),
    ...filter(`FM.project_mid${source}`, dim, dim, 1),
  });
  const gating = (source: 1 | 2): ParameterSpecs => ({
    ...filter(`FM.project_E${source}`, 4 * dim, dim, 1),
    ...filter(`FM.project_E${source}_d`, 4 * dim, 1, 3),
    ...filter(`FM.project_out${source}`, 2 * dim, 4 * dim, 1),
  });
  return {
    ...attention(1),
    ...attention(2),
    ...filter('FM.project_E', 8 * dim, 2 * dim, 1),
    ...filter('FM.project_E_d', 8 * dim, 1, 3),
    ...gating(1),
    ...gating(2),
  };
}

/** One of something for each source. */
export type Both<T> = readonly [T, T];

/**
 * The attention fusion module (AFM): each source attends with the other's queries, then the joined features gate
 * each source's own.
 *
 * @param x1, x2 the sources' features `[B, H, W, C]`
 * @returns `[B, H, W, 2C]`
 */
export function fusionModule(ops: Ops, params: Params<Tensor>, x1: Tensor, x2: Tensor): Tensor {
  const maps = ops.scope(() => fusionModuleMaps(ops, params, fusionModuleSums(ops, params, [x1, x2])));
  return fusionModuleOutput(ops, params, [x1, x2], maps);
}

/**
 * What the two attentions take from the whole image.
 *
 * @param x the sources' features, whole or a strip of them
 * @param rows `[1, h, 1, 1]`: 1 for rows to count, 0 for those that only show the counted ones their neighbours
 */
export function fusionModuleSums(
  ops: Ops,
  params: Params<Tensor>,
  [x1, x2]: Both<Tensor>,
  rows?: Tensor,
): Both<AttentionSums> {
  return ops.scope(() => {
    const [qkv1, qkv2] = [qkvParts(ops, params, 'FM.qkv1'), qkvParts(ops, params, 'FM.qkv2')];
    return [
      ops.scope(() => attentionSums(ops, qkv2(x2, 0), qkv1(x1, 1), rows)),
      ops.scope(() => attentionSums(ops, qkv1(x1, 0), qkv2(x2, 1), rows)),
    ];
  });
}

/** The two attention maps, each `[B, C, C]`. */
export function fusionModuleMaps(
  ops: Ops,
  params: Params<Tensor>,
  [sums1, sums2]: Both<AttentionSums>,
): Both<Tensor> {
  return [
    attentionMap(ops, sums1, parameter(params, 'FM.temperature1')),
    attentionMap(ops, sums2, parameter(params, 'FM.temperature2')),
  ];
}

/** The module's output with given attention maps. */
export function fusionModuleOutput(
  ops: Ops,
  params: Params<Tensor>,
  [x1, x2]: Both<Tensor>,
  [map1, map2]: Both<Tensor>,
): Tensor {
  const p = (name: string): Tensor => parameter(params, `FM.${name}`);
  const attended = (source: 1 | 2, x: Tensor, map: Tensor): Tensor =>
    ops.scope(() => {
      const v = qkvParts(ops, params, `FM.qkv${source}`)(x, 2);
      return ops.add(x, ops.pointwise(attend(ops, v, map), p(`project_mid${source}.weight`)));
    });
  return ops.scope(() => gatedSum(ops, p, [attended(1, x1, map1), attended(2, x2, map2)]));
}

/** The joined features gate each source's own, and all are added. */
function gatedSum(ops: Ops, p: (name: string) => Tensor, [y1, y2]: Both<Tensor>): Tensor {
  const joined = ops.concat([y1, y2], -1);
  const joint = ops.split(p('project_E.weight'), 2, 0);
  const jointDeep = ops.split(p('project_E_d.weight'), 2, 0);
  const gatedOutput = (source: 1 | 2, y: Tensor): Tensor =>
    ops.scope(() => {
      const gated = gatedProduct(
        ops,
        () => projected(ops, joined, joint[source - 1] as Tensor, jointDeep[source - 1] as Tensor),
        () => projected(ops, y, p(`project_E${source}.weight`), p(`project_E${source}_d.weight`)),
      );
      return ops.pointwise(gated, p(`project_out${source}.weight`));
    });
  return ops.add(ops.add(joined, gatedOutput(1, y1)), gatedOutput(2, y2));
}
