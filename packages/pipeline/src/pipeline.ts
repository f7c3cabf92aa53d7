import type { Engine } from '@refusion/autodiff';
import { isRecord, kindOf, type NdArray, OptionError, type Params, RefusionError } from '@refusion/core';
import type { SourcePicture } from '@refusion/image-io';
import { decodeWeights, type NetworkConfig } from '@refusion/networks';
import { expectFusionParameters } from './expect-parameters.js';
import { type Fused, type FuseOptions, fuseTogether, fuseWith } from './fuse-pictures.js';
import { leastMemory, type PicturePair, wholeMemory } from './network-output.js';
import { stageEngine } from './strips/engine-runner.js';
import type { StageEngine, StageRunner } from './strips/stage.js';
import type { DataOf, Tone } from './tone.js';

export interface PipelineOptions {
  /** The bytes of a weight file (safetensors or a PyTorch state dict), or the parameters of a fusion network by name. */
  readonly weights: Uint8Array | Params<NdArray>;
  /** What computes: an engine of `@refusion/tf`, the `reference` of `@refusion/autodiff`, or a runtime for stages. */
  readonly engine: Engine | StageEngine;
  /** What errors call the weights, such as their URL. Default: `weights`. */
  readonly name?: string;
}

/** A fusion network on an engine, ready for pictures. */
export interface Fuse {
  /** Fuses two pictures; see `fusePictures`. @throws RefusionError after `dispose`, or as `fusePictures` does. */
  <T extends Tone = 'stretch'>(
    a: SourcePicture,
    b: SourcePicture,
    options?: FuseOptions<T>,
  ): Promise<Fused<DataOf<T>>>;
  /**
   * Fuses pairs of one size, together in one run where the memory is enough.
   * @returns as many results, in the order of the pairs
   * @throws ShapeError if the sizes differ, OptionError if it is no list of pairs, and as a single pair does
   */
  together<T extends Tone = 'stretch'>(
    pairs: readonly PicturePair[],
    options?: FuseOptions<T>,
  ): Promise<readonly Fused<DataOf<T>>[]>;
  /** The network's size; `null` of a model that does not say. */
  readonly config: NetworkConfig | null;
  /** Whether pictures can go in strips; a model runs on whole pictures alone. */
  readonly inStrips: boolean;
  /** The least bytes of the option `memory` with which pictures of a size can be fused; 0 where that is not known. */
  leastMemory(height: number, width: number): number;
  /** The bytes of `memory` with which pictures of a size are evaluated whole; infinite where the engine cannot, 0 where that is not known. */
  wholeMemory(height: number, width: number): number;
  /** Frees the parameters. */
  dispose(): void;
}

/**
 * Puts a fusion network on an engine: two words to start.
 *
 * @returns a function that fuses two pictures; call its `dispose` when done.
 * @throws FileError if the weights are not an intact weight file, or not a fusion network's; OptionError if they, or the
 * engine, are something else.
 * @example
 * const fuse = await pipeline({ weights: bytes, engine: await loadEngine('wasm') });
 * const { gray, color } = await fuse(infrared, visible);
 * fuse.dispose();
 */
export async function pipeline(options: PipelineOptions): Promise<Fuse> {
  const { weights, engine, name = 'weights' } = options ?? {};
  const arrays = weights instanceof Uint8Array ? decodeWeights(weights, name).tensors : weights;
  const config = expectFusionParameters(name, arrays);
  expectEngine(engine);
  return fuseOn(await ('start' in engine ? engine : stageEngine(engine)).start(arrays), config);
}

function expectEngine(engine: Engine | StageEngine): void {
  if (isRecord(engine) && ('start' in engine || 'ops' in engine)) return;
  throw new OptionError(
    `pipeline: engine must be what loadEngine of @refusion/tf or onnxStages of @refusion/pipeline/node gives, got ${kindOf(engine)}`,
  );
}

/** F on what evaluates it. @param config F's size; `null` where that is not known, as of a model from elsewhere */
export function fuseOn(runner: StageRunner, config: NetworkConfig | null): Fuse {
  let disposed = false;
  const expectOpen = (): void => {
    if (disposed) throw new RefusionError('fuse: the network has been disposed of, make another pipeline');
  };
  const fuse = async <T extends Tone>(
    a: SourcePicture,
    b: SourcePicture,
    options: FuseOptions<T> = {},
  ): Promise<Fused<DataOf<T>>> => {
    expectOpen();
    return fuseWith(runner, config, a, b, options);
  };
  const rest: Pick<Fuse, keyof Fuse> = {
    config,
    inStrips: config !== null && !runner.wholeOnly,
    together: async (pairs, options = {}) => {
      expectOpen();
      return fuseTogether(runner, config, pairs, options);
    },
    leastMemory: (height, width) => (config ? leastMemory(runner, config, height, width) : 0),
    wholeMemory: (height, width) => (config ? wholeMemory(runner, config, height, width) : 0),
    dispose: () => {
      if (!disposed) runner.dispose();
      disposed = true;
    },
  };
  return Object.assign(fuse, rest);
}
