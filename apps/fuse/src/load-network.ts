import { extname } from 'node:path';
import { readWeights } from '@refusion/networks/node';
import { type Fuse, pipeline } from '@refusion/pipeline';
import { loadFusionModel } from '@refusion/pipeline/node';
import { type EngineName, startEngine } from './engines.js';

/** A network that is ready for pictures. */
export interface LoadedNetwork {
  readonly fuse: Fuse;
  /** The name of what computes. */
  readonly engine: string;
  /** What its file says. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether a file is a whole network as an ONNX model, not its weights. */
export function isModel(path: string): boolean {
  return extname(path).toLowerCase() === '.onnx';
}

/**
 * Puts what `--weights` names on an engine: weights on the one that is asked for, a model on onnxruntime.
 * @throws FileError if the file does not hold a fusion network; RefusionError if the engine does not start
 */
export async function loadNetwork(weights: string, engineName: EngineName): Promise<LoadedNetwork> {
  if (isModel(weights)) return { ...(await loadFusionModel(weights)), engine: 'onnx' };
  const engine = await startEngine(engineName);
  const { tensors, metadata } = await readWeights(weights);
  const fuse = await pipeline({ weights: tensors, engine, name: weights });
  return { fuse, engine: engine.name, metadata };
}
