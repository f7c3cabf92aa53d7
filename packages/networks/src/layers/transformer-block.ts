import { type Ops, type Tensor, transposedAttention } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { hiddenChannels } from '../config.js';
import { filter, type ParameterSpecs, parameter, prefixed } from '../parameters.js';

/** The parameters of one block of a given width. */
export function blockSpecs(prefix: string, dim: number, heads: number, ffn: number): ParameterSpecs {
  const hidden = hiddenChannels(dim, ffn);
  return prefixed(prefix, {
    'norm1.body.weight': { shape: [dim], start: 1 },
    'norm1.body.bias': { shape: [dim], start: 0 },
    'norm2.body.weight': { shape: [dim], start: 1 },
    'norm2.body.bias': { shape: [dim], start: 0 },
    'attn.temperature': { shape: [heads, 1, 1], start: 1 },
    ...filter('attn.qkv', 3 * dim, dim, 1),
    ...filter('attn.qkv_dwconv', 3 * dim, 1, 3),
    ...filter('attn.project_out', dim, dim, 1),
    ...filter('ffn.project_in', 2 * hidden, dim, 1),
    ...filter('ffn.dwconv', 2 * hidden, 1, 3),
    ...filter('ffn.project_out', dim, hidden, 1),
  });
}

/** 1x1 convolution, then 3x3 depthwise; only the result stays. */
export function projected(ops: Ops, x: Tensor, wide: Tensor, deep: Tensor): Tensor {
  return ops.scope(() => ops.depthwise(ops.pointwise(x, wide), deep));
}

/**
 * The same, cut into equal parts along the channels. The filters are cut rather than the images: the result is the
 * same and no large tensor is copied.
 */
export function projectInParts(ops: Ops, x: Tensor, wide: Tensor, deep: Tensor, parts: number): Tensor[] {
  const wides = ops.split(wide, parts, 0);
  const deeps = ops.split(deep, parts, 0);
  return wides.map((w, i) => projected(ops, x, w, deeps[i] as Tensor));
}

/**
 * A Restormer block (Zamir et al. 2022): x += proj(attention(dw(conv(LN x)))), then
 * x += conv(gelu(g) y) with [g, y] = dw(conv(LN x)).
 *
 * @param x `[B, H, W, C]`
 * @param prefix of the block's parameters, e.g. `encoder1.0`
 */
export function transformerBlock(ops: Ops, params: Params<Tensor>, prefix: string, x: Tensor): Tensor {
  const p = (name: string): Tensor => parameter(params, `${prefix}.${name}`);
  // Each half frees its intermediate images when it is done.
  const y = ops.scope(() => {
    const normed = ops.layerNorm(x, p('norm1.body.weight'), p('norm1.body.bias'));
    const [q, k, v] = projectInParts(ops, normed, p('attn.qkv.weight'), p('attn.qkv_dwconv.weight'), 3);
    const attended = transposedAttention(ops, q as Tensor, k as Tensor, v as Tensor, p('attn.temperature'));
    return ops.add(x, ops.pointwise(attended, p('attn.project_out.weight')));
  });
  return ops.scope(() => {
    const normed = ops.layerNorm(y, p('norm2.body.weight'), p('norm2.body.bias'));
    const gated = gate(ops, normed, p('ffn.project_in.weight'), p('ffn.dwconv.weight'));
    return ops.add(y, ops.pointwise(gated, p('ffn.project_out.weight')));
  });
}

/** gelu(g) y with [g, y] = dw(conv x). */
function gate(ops: Ops, x: Tensor, wide: Tensor, deep: Tensor): Tensor {
  const [wideG, wideY] = ops.split(wide, 2, 0) as [Tensor, Tensor];
  const [deepG, deepY] = ops.split(deep, 2, 0) as [Tensor, Tensor];
  return gatedProduct(
    ops,
    () => projected(ops, x, wideG, deepG),
    () => projected(ops, x, wideY, deepY),
  );
}

/** gelu(g) y; each is made when it is needed, so that few large images are alive at a time. */
export function gatedProduct(ops: Ops, g: () => Tensor, y: () => Tensor): Tensor {
  return ops.scope(() => {
    const open = ops.scope(() => ops.gelu(g()));
    return ops.mul(open, y());
  });
}

/**
 * All blocks `prefix.0`, `prefix.1`, ... that the parameters have, one after the other.
 * @throws ShapeError if there is none, or a parameter of one is missing
 */
export function transformerBlocks(ops: Ops, params: Params<Tensor>, prefix: string, x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < blockCount(params, prefix); i++) y = transformerBlock(ops, params, `${prefix}.${i}`, y);
  return y;
}

/** One more than the largest block that any parameter belongs to, so that a block that is not whole is missed. */
function blockCount(params: Params<Tensor>, prefix: string): number {
  const below = Object.keys(params).filter((name) => name.startsWith(`${prefix}.`));
  return below.reduce(
    (count, name) => Math.max(count, Number.parseInt(name.slice(prefix.length + 1), 10) + 1),
    1,
  );
}

/** The specs of a stack of blocks. */
export function blocksSpecs(
  prefix: string,
  count: number,
  dim: number,
  heads: number,
  ffn: number,
): ParameterSpecs {
  return Object.assign(
    {},
    ...Array.from({ length: count }, (_unused, i) => blockSpecs(`${prefix}.${i}`, dim, heads, ffn)),
  );
}
