import { DEFAULT_CONFIG, type NetworkConfig } from '@refusion/networks';

/** What evaluating F takes on an engine. */
export interface EngineMemory {
  /** Bytes for each pixel that is evaluated at a time, at the busiest moment. */
  readonly bytesPerPixel: number;
  /** The most that the engine can hold. */
  readonly engineBytes: number;
  /** What the engine may take beyond what it needs, whatever the picture. */
  readonly slackBytes: number;
}

/**
 * float32 numbers for each pixel and channel of an encoder: the growth of the process's peak resident size, measured
 * with networks of 8, 16 and 32 channels, whole pictures and strips alike; rounded up.
 */
const PER_CHANNEL = { wasm: 40, onnx: 36 };
/** The heap of WebAssembly grows by a fifth at a time, but by no more than this. */
const GROWTH = 96 * 2 ** 20;
/**
 * The same for whole pictures at sizes at which `leanAt` of a runner says so, models of onnxruntime for one size: 489 bytes a pixel
 * and 220 MB for compiling were measured from 1.2 to 12 megapixels with the authors' weights; a third is added. Wider
 * networks take more than in proportion.
 */
const LEAN = { perChannel: 10, compileBytes: 300e6 };
const NO_LIMIT = { engineBytes: Number.POSITIVE_INFINITY, slackBytes: 0 };

/** What evaluating F whole takes where it is lean; `null` of networks larger than the authors', for which that is not known. */
export function leanMemory(config: NetworkConfig): EngineMemory | null {
  const { dim, blocks, ffn } = DEFAULT_CONFIG;
  if (config.dim > dim || config.blocks > blocks || config.ffn > ffn) return null;
  const { engineBytes } = NO_LIMIT;
  return {
    bytesPerPixel: channelBytes(config) * LEAN.perChannel,
    engineBytes,
    slackBytes: LEAN.compileBytes,
  };
}

/** The gated images, of `ffn` times the channels, are the largest part of what F takes. */
function channelBytes({ dim, ffn }: NetworkConfig): number {
  return 4 * dim * Math.max(1, (1 + ffn) / 3);
}

/**
 * What evaluating F takes, whole or in strips.
 * @param engine the engine's name
 */
export function engineMemory(engine: string, config: NetworkConfig): EngineMemory {
  const bytes = channelBytes(config);
  switch (engine) {
    case 'wasm':
      // The heap's limit is 4 GB, but memory of many sizes leaves gaps.
      return { bytesPerPixel: bytes * PER_CHANNEL.wasm, engineBytes: 3e9, slackBytes: GROWTH };
    case 'onnx':
      return { bytesPerPixel: bytes * PER_CHANNEL.onnx, ...NO_LIMIT };
    case 'reference':
      // float64, and freed by the garbage collector alone.
      return { bytesPerPixel: bytes * 6 * PER_CHANNEL.wasm, ...NO_LIMIT };
    default:
      return { bytesPerPixel: bytes * 2 * PER_CHANNEL.wasm, ...NO_LIMIT };
  }
}
