import { extname } from 'node:path';
import { OptionError } from '@refusion/core';
import { readWeights } from '@refusion/networks/node';
import { type Fuse, pipeline } from '@refusion/pipeline';
import { loadFusionModel } from '@refusion/pipeline/node';
import { type EngineChoice, type EngineName, sessionOptions, startEngine } from './engines.js';

/** A network that is ready for pictures. */
export interface LoadedNetwork {
  readonly fuse: Fuse;
  /** The name of what computes. */
  readonly engine: EngineName;
  /** What its file says. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Puts what `--weights` names on an engine: weights on the one that is asked for, an ONNX model on onnxruntime.
 * @throws FileError if the file does not hold a fusion network; RefusionError if the engine does not start; OptionError
 * if a model is to run on another engine
 */
export async function loadNetwork(weights: string, choice: EngineChoice): Promise<LoadedNetwork> {
  if (extname(weights).toLowerCase() === '.onnx') return loadModel(weights, choice);
  const engine = await startEngine(choice);
  const { tensors, metadata } = await readWeights(weights);
  const fuse = await pipeline({ weights: tensors, engine, name: weights });
  return { fuse, engine: engine.name as EngineName, metadata };
}

async function loadModel(path: string, choice: EngineChoice): Promise<LoadedNetwork> {
  if ((choice.name ?? 'onnx') !== 'onnx') {
    throw new OptionError(
      `--engine ${choice.name} cannot run ${path}, an ONNX model: leave it out, or give onnx`,
    );
  }
  return { ...(await loadFusionModel(path, await sessionOptions(choice))), engine: 'onnx' };
}
