import type { Engine } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import { knownProviders } from '@refusion/onnx/node';
import type { StageEngine } from '@refusion/pipeline';
import { onnxStages } from '@refusion/pipeline/node';
import { loadEngine } from '@refusion/tf';
import type { ENGINES } from '../engine-names.js';

/** What computes the weights of a ReFusion network. */
export type FusingEngine = (typeof ENGINES)[number];

/**
 * The fastest one here: onnxruntime, or WebAssembly where that does not load.
 * @param warn is told what takes the place of onnxruntime, and why
 */
export async function fastestFusing(warn: (sentence: string) => void): Promise<FusingEngine> {
  try {
    await knownProviders();
    return 'onnx';
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    warn(`${error.message}; the engine wasm takes its place, which is slower`);
    return 'wasm';
  }
}

/** @throws RefusionError if the engine does not load here */
export async function loadFusing(name: FusingEngine): Promise<Engine | StageEngine> {
  return name === 'onnx' ? onnxStages() : loadEngine(name);
}
