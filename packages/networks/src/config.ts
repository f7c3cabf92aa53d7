import { expectInteger, OptionError, type Shape } from '@refusion/core';

/** The size of a network; the defaults are the authors'. */
export interface NetworkConfig {
  /** Channels of an encoder; the decoder has twice as many. Default 16. */
  readonly dim: number;
  /** Transformer blocks in each encoder and in the decoder. Default 2. */
  readonly blocks: number;
  /** Attention heads; they must divide `dim`. Default 8. */
  readonly heads: number;
  /** Expansion of the feed-forward part: hidden channels over channels; may be a fraction. Default 2. */
  readonly ffn: number;
}

/** Far above any network that fits a machine, far below sizes that fail without a word. */
const MOST = { dim: 1024, blocks: 100, ffn: 64 };

export const DEFAULT_CONFIG: NetworkConfig = { dim: 16, blocks: 2, heads: 8, ffn: 2 };

/**
 * Fills in the defaults.
 * @throws OptionError naming the field that does not fit
 */
export function networkConfig(config: Partial<NetworkConfig> = {}): NetworkConfig {
  const full = { ...DEFAULT_CONFIG, ...config };
  expectInteger('network', 'dim', full.dim, 1);
  expectInteger('network', 'blocks', full.blocks, 1);
  expectInteger('network', 'heads', full.heads, 1);
  for (const name of ['dim', 'blocks', 'ffn'] as const) {
    if (full[name] > MOST[name])
      throw new OptionError(`network: ${name} must be at most ${MOST[name]}, got ${full[name]}`);
  }
  if (full.dim % full.heads !== 0) {
    throw new OptionError(`network: heads must divide dim, got ${full.heads} heads for dim ${full.dim}`);
  }
  if (!(full.ffn > 0) || hiddenChannels(full.dim, full.ffn) < 1) {
    throw new OptionError(
      `network: ffn must give at least one hidden channel, got ${full.ffn} for dim ${full.dim}`,
    );
  }
  return full;
}

/** The hidden channels of a feed-forward part. The margin keeps a ratio of whole numbers from losing one to rounding. */
export function hiddenChannels(channels: number, ffn: number): number {
  return Math.floor(channels * ffn * (1 + 1e-12));
}

/** Arrays by name, as far as their shapes. */
export type Shapes = { readonly [name: string]: { readonly shape: Shape } };

/** Where a network's parameters show its size. */
export interface SizedParts {
  /** The first convolution. */
  readonly first: string;
  /** The blocks after it. */
  readonly encoder: string;
  /** The widest blocks, whose hidden channels tell an expansion that is a fraction most closely. */
  readonly widest: string;
}

/** Parts of networks with two encoders and a decoder. */
const TWO_ENCODERS: SizedParts = { first: 'project_in_1', encoder: 'encoder1', widest: 'decoder' };

/**
 * Reads the size of a network off its parameters' shapes.
 *
 * @returns null if the parameters are not those of such a network at all
 */
export function configOf(
  params: Shapes,
  { first, encoder, widest }: SizedParts = TWO_ENCODERS,
): NetworkConfig | null {
  const shapeOf = (name: string): Shape | undefined =>
    Object.hasOwn(params, name) ? params[name]?.shape : undefined;
  const dim = shapeOf(`${first}.weight`)?.[0];
  const heads = shapeOf(`${encoder}.0.attn.temperature`)?.[0];
  const [width, hidden] = shapeOf(`${widest}.0.ffn.project_out.weight`) ?? [];
  if (!dim || !heads || !hidden || !width) return null;
  let blocks = 0;
  while (shapeOf(`${encoder}.${blocks}.norm1.body.weight`)) blocks++;
  return blocks > 0 && dim % heads === 0 ? { dim, blocks, heads, ffn: hidden / width } : null;
}
