import {
  type AttentionSums,
  attend,
  attentionMap,
  attentionSums,
  type Ops,
  recomputed,
  type Tensor,
} from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { hiddenChannels } from '../config.js';
import type { NetworkOptions } from '../network.js';
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
 * The queries (0), keys (1) or values (2) of an image. The filters are cut rather than the images: the result is the
 * same and no large tensor is copied.
 *
 * @param name of the filters' parameters, e.g. `encoder1.0.attn.qkv`
 */
export function qkvParts(
  ops: Ops,
  params: Params<Tensor>,
  name: string,
): (x: Tensor, part: 0 | 1 | 2) => Tensor {
  const wide = ops.split(parameter(params, `${name}.weight`), 3, 0);
  const deep = ops.split(parameter(params, `${name}_dwconv.weight`), 3, 0);
  return (x, part) => projected(ops, x, wide[part] as Tensor, deep[part] as Tensor);
}

/**
 * A Restormer block (Zamir et al. 2022): x += proj(attention(dw(conv(LN x)))), then
 * x += conv(gelu(g) y) with [g, y] = dw(conv(LN x)).
 *
 * @param x `[B, H, W, C]`
 * @param prefix of the block's parameters, e.g. `encoder1.0`
 */
export function transformerBlock(ops: Ops, params: Params<Tensor>, prefix: string, x: Tensor): Tensor {
  // Each half frees its intermediate images when it is done.
  const y = ops.scope(() => {
    const normed = attentionInput(ops, params, prefix, x);
    const map = ops.scope(() => blockMap(ops, params, prefix, querySums(ops, params, prefix, normed)));
    return ops.add(x, attended(ops, params, prefix, normed, map));
  });
  return feedForward(ops, params, prefix, y);
}

/**
 * The first half of a block's work, what its attention takes from the whole image.
 *
 * @param x a strip of the block's input, `[B, h, W, C]`
 * @param rows `[1, h, 1, 1]`: 1 for rows to count, 0 for those that only show the counted ones their neighbours
 */
export function blockSums(
  ops: Ops,
  params: Params<Tensor>,
  prefix: string,
  x: Tensor,
  rows: Tensor,
): AttentionSums {
  return ops.scope(() => querySums(ops, params, prefix, attentionInput(ops, params, prefix, x), rows));
}

/** A block's attention map `[B, C, C]`. */
export function blockMap(ops: Ops, params: Params<Tensor>, prefix: string, sums: AttentionSums): Tensor {
  return attentionMap(ops, sums, parameter(params, `${prefix}.attn.temperature`));
}

/** The second half of a block's work: its output with a given attention map. */
export function blockOutput(
  ops: Ops,
  params: Params<Tensor>,
  prefix: string,
  x: Tensor,
  map: Tensor,
): Tensor {
  const y = ops.scope(() =>
    ops.add(x, attended(ops, params, prefix, attentionInput(ops, params, prefix, x), map)),
  );
  return feedForward(ops, params, prefix, y);
}

function attentionInput(ops: Ops, params: Params<Tensor>, prefix: string, x: Tensor): Tensor {
  const p = (name: string): Tensor => parameter(params, `${prefix}.norm1.body.${name}`);
  return ops.layerNorm(x, p('weight'), p('bias'));
}

function querySums(
  ops: Ops,
  params: Params<Tensor>,
  prefix: string,
  normed: Tensor,
  rows?: Tensor,
): AttentionSums {
  return ops.scope(() => {
    const qkv = qkvParts(ops, params, `${prefix}.attn.qkv`);
    return attentionSums(ops, qkv(normed, 0), qkv(normed, 1), rows);
  });
}

/** The attention's contribution to the image. */
function attended(ops: Ops, params: Params<Tensor>, prefix: string, normed: Tensor, map: Tensor): Tensor {
  return ops.scope(() => {
    const v = qkvParts(ops, params, `${prefix}.attn.qkv`)(normed, 2);
    return ops.pointwise(attend(ops, v, map), parameter(params, `${prefix}.attn.project_out.weight`));
  });
}

/** The second half of a block: x + conv(gelu(g) y). */
function feedForward(ops: Ops, params: Params<Tensor>, prefix: string, x: Tensor): Tensor {
  const p = (name: string): Tensor => parameter(params, `${prefix}.${name}`);
  return ops.scope(() => {
    const normed = ops.layerNorm(x, p('norm2.body.weight'), p('norm2.body.bias'));
    const gated = gate(ops, normed, p('ffn.project_in.weight'), p('ffn.dwconv.weight'));
    return ops.add(x, ops.pointwise(gated, p('ffn.project_out.weight')));
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
export function transformerBlocks(
  ops: Ops,
  params: Params<Tensor>,
  prefix: string,
  x: Tensor,
  { recompute = false }: NetworkOptions = {},
): Tensor {
  let y = x;
  for (let i = 0; i < blockCount(params, prefix); i++) {
    const name = `${prefix}.${i}`;
    y = recompute
      ? recomputed(ops, (o, at) => transformerBlock(o, at.params, name, at.x), {
          params: below(params, name),
          x: y,
        })
      : transformerBlock(ops, params, name, y);
  }
  return y;
}

/** The parameters whose names begin with `prefix.` */
export function below(params: Params<Tensor>, prefix: string): Params<Tensor> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(`${prefix}.`)));
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
