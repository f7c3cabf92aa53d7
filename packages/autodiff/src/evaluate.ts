import type { Tree } from '@refusion/core';
import type { Engine } from './engine.js';
import type { Step } from './step.js';
import type { Tensor } from './tensor.js';

/**
 * Evaluates a step on an engine: compiled where the engine compiles, else one operation after another. The tensors of
 * the result are the caller's, but for inputs that the step hands on.
 */
export async function evaluate<I extends Tree<Tensor>, O extends Tree<Tensor>>(
  engine: Engine,
  step: Step<I, O>,
  inputs: I,
): Promise<O> {
  if (engine.evaluate) return engine.evaluate(step, inputs);
  return engine.ops.scope(() => step.run(engine.ops, inputs));
}
