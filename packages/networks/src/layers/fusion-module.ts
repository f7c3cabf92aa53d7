import { type Ops, type Tensor, transposedAttention } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { filter, type ParameterSpecs, parameter } from '../parameters.js';
import { gatedProduct, projected, projectInParts } from './transformer-block.js';

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

type Triple = [Tensor, Tensor, Tensor];

/**
 * The attention fusion module (AFM): each source attends with the other's queries, then the joined features gate
 * each source's own.
 *
 * @param x1, x2 the sources' features `[B, H, W, C]`
 * @returns `[B, H, W, 2C]`
 */
export function fusionModule(ops: Ops, params: Params<Tensor>, x1: Tensor, x2: Tensor): Tensor {
  const p = (name: string): Tensor => parameter(params, `FM.${name}`);
  const { y1, y2 } = ops.scope(() => {
    const qkv = (x: Tensor, source: 1 | 2): Triple =>
      projectInParts(ops, x, p(`qkv${source}.weight`), p(`qkv${source}_dwconv.weight`), 3) as Triple;
    const [[q1, k1, v1], [q2, k2, v2]] = [qkv(x1, 1), qkv(x2, 2)];
    const attended1 = transposedAttention(ops, q2, k1, v1, p('temperature1'));
    const attended2 = transposedAttention(ops, q1, k2, v2, p('temperature2'));
    return {
      y1: ops.add(x1, ops.pointwise(attended1, p('project_mid1.weight'))),
      y2: ops.add(x2, ops.pointwise(attended2, p('project_mid2.weight'))),
    };
  });

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
