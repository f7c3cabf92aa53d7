import type { Shape } from '@refusion/core';
import type { GraphNode } from '../../graph/node.js';
import type { SizeTable } from '../../graph/sizes.js';
import { INTERNAL_DOMAIN, type ModelWriter } from '../../model/writer.js';
import { LoweringContext, type Stored } from '../context.js';
import { channelsFirst, type Order } from '../order.js';

/** Batch, height, width, channels. */
export type Four = readonly [number, number, number, number];

/** What a convolution of blocked images takes, by the names of values. */
export interface ConvolutionOperands {
  readonly x: string;
  /** Blocked as well. */
  readonly filter: string;
  readonly bias?: string | undefined;
  /** An image that the result is added to, while it is computed. */
  readonly sum?: string | undefined;
}

export interface ConvolutionShape {
  readonly kernel: readonly [number, number];
  /** Zeros above, left, below, right. Default: none. */
  readonly pads?: readonly [number, number, number, number];
  /** Default 1. */
  readonly groups?: number;
}

/**
 * What lowering to blocks needs. An image `[B,H,W,C]` is blocked as `[B, C/block, H, W, block]`, which the runtime's own
 * operators take as a value of shape `[B,C,H,W]`. A value is there as a plain one, in blocks, or both; it is turned from
 * one into the other where somebody asks for what it is not, once.
 */
export class BlockedContext extends LoweringContext {
  private readonly blocks = new Map<GraphNode, string>();
  private readonly made = new Map<string, string>();

  constructor(
    writer: ModelWriter,
    sizes: SizeTable,
    nodes: readonly GraphNode[],
    readonly block: number,
  ) {
    super(writer, sizes, nodes);
  }

  keepBlocked(node: GraphNode, name: string): void {
    this.blocks.set(node, name);
    const [b, h, w, c] = node.shape as Four;
    this.writer.describe(name, [b, c, h, w]);
  }

  isBlocked(node: GraphNode): boolean {
    return this.blocks.has(node);
  }

  /** The name of an image in blocks. */
  blocked(node: GraphNode): string {
    const known = this.blocks.get(node);
    if (known !== undefined) return known;
    const name = this.internal('ReorderInput', [this.in(node, channelsFirst(4))]);
    this.keepBlocked(node, name);
    return name;
  }

  override in(node: GraphNode, order: Order): string {
    if (super.orderOf(node) === null && this.blocks.has(node)) this.keep(node, this.unblocked(node));
    return super.in(node, order);
  }

  override orderOf(node: GraphNode): Order | null {
    return super.orderOf(node) ?? (this.blocks.has(node) ? channelsFirst(4) : null);
  }

  private unblocked(node: GraphNode): Stored {
    return {
      name: this.outOfBlocks(this.blocks.get(node) as string, node.shape[3] as number),
      order: channelsFirst(4),
    };
  }

  /** The first channels of a blocked image as a plain `[B,C,H,W]`. */
  outOfBlocks(name: string, channels: number): string {
    return this.internal('ReorderOutput', [name], { channels });
  }

  /** The same numbers in another shape. */
  view(name: string, shape: Shape): string {
    return this.writer.view(name, this.writer.integers(shape));
  }

  /** A number as a constant. */
  number(value: number): string {
    return this.writer.floats([value], []);
  }

  /** A constant that is made once. */
  known(key: string, make: () => string): string {
    const found = this.made.get(key) ?? make();
    this.made.set(key, found);
    return found;
  }

  /** One of the runtime's own operators. */
  internal(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
  ): string {
    return this.writer.op(type, inputs, attributes, INTERNAL_DOMAIN);
  }

  /** A convolution of blocked images, stride 1. An image of fewer channels than a block is taken plain. */
  convolve({ x, filter, bias, sum }: ConvolutionOperands, shape: ConvolutionShape): string {
    const { kernel, pads, groups = 1 } = shape;
    const inputs = [x, filter, ...(bias || sum ? [bias ?? ''] : []), ...(sum ? [sum] : [])];
    const attributes = { kernel_shape: kernel, group: groups, ...(pads ? { pads } : {}) };
    return this.writer.op('Conv', inputs, attributes, INTERNAL_DOMAIN);
  }
}
