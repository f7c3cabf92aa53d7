import type { Engine } from '@refusion/autodiff';
import type { StageEngine } from '@refusion/pipeline';
import { onnxStages } from '@refusion/pipeline/node';
import { loadEngine } from '@refusion/tf';
import type { ENGINES } from '../engine-names.js';

/** What computes the weights of a ReFusion network. */
export type FusingEngine = (typeof ENGINES)[number];

/** @throws RefusionError if the engine does not load here */
export async function loadFusing(name: FusingEngine): Promise<Engine | StageEngine> {
  return name === 'onnx' ? onnxStages() : loadEngine(name);
}
