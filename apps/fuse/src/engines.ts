import { type Engine, reference } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import { availableProviders } from '@refusion/onnx/node';
import type { StageEngine } from '@refusion/pipeline';
import { onnxStages } from '@refusion/pipeline/node';
import { loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';

/** What can compute, the fastest first. */
export const ENGINE_NAMES = ['onnx', ...TF_ENGINES, 'reference'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * @param name by default onnxruntime, or WebAssembly where that does not load
 * @param threads of onnxruntime within one picture; by default one for each core
 * @throws RefusionError if the engine does not start
 */
export async function startEngine(
  name: EngineName | undefined,
  threads?: number,
): Promise<Engine | StageEngine> {
  const chosen = name ?? (await fastest());
  if (chosen === 'reference') return reference;
  if (chosen !== 'onnx') return loadEngine(chosen);
  await availableProviders(); // says in one sentence why it does not load
  return onnxStages(threads === undefined ? {} : { threads });
}

async function fastest(): Promise<EngineName> {
  try {
    await availableProviders();
    return 'onnx';
  } catch (error) {
    if (error instanceof RefusionError) return 'wasm';
    throw error;
  }
}
