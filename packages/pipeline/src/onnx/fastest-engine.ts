import { RefusionError } from '@refusion/core';
import { knownProviders } from '@refusion/onnx/node';

/**
 * The name of the engine that fuses fastest here: onnxruntime (`onnxStages`), or WebAssembly where that does not load.
 * @param warn is told what takes the place of onnxruntime, and why
 */
export async function fastestEngine(warn: (sentence: string) => void): Promise<'onnx' | 'wasm'> {
  try {
    await knownProviders();
    return 'onnx';
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    warn(`${error.message}; the engine wasm takes its place, which is slower`);
    return 'wasm';
  }
}
