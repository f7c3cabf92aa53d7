import { type Engine, evaluate, type Tensor } from '@refusion/autodiff';
import { expectPositive, leavesOf, mapParams, OptionError, type Params, type Tree } from '@refusion/core';
import { type FusionOptimisers, type FusionUpdate, fusionUpdateBy } from './fusion-update.js';
import { type BatchGradients, batchGradients, type InnerUpdate, innerUpdateBy } from './inner-update.js';
import type { Batch, Learner, Theta } from './learner.js';
import { type LearnerStep, stepsOf } from './learner-steps.js';
import { type AdamOptions, sgd } from './optimisers.js';
import { type Hypergradient, type InnerStep, type MetaGradient, metaGradient } from './outer-update.js';
import { originOf } from './scheduled-learner.js';

/**
 * `metaGradient` on an engine: in steps that it compiles, where it does, image by image and on several threads if the
 * learner allows it; else one operation after another. The tensors of the result are the caller's, but for inputs that a
 * learner hands on.
 *
 * @throws OptionError as `metaGradient` does
 */
export async function metaGradientOn(
  engine: Engine,
  learner: Learner,
  theta: Theta,
  metaTrain: readonly Batch[],
  metaTest: Batch,
  eta: number,
): Promise<MetaGradient> {
  const { ops } = engine;
  if (!engine.evaluate) return ops.scope(() => metaGradient(ops, learner, theta, metaTrain, metaTest, eta));
  expectPositive('metaGradient', 'eta', eta);
  const steps = stepsOf(learner);
  const inner: InnerUpdate[] = [];
  const places: PlaceOnEngine[] = [];
  let current = theta;
  for (const batch of metaTrain) {
    const gradients = await batchGradientsOn(engine, learner, current, batch);
    const update = innerUpdateBy(ops, current, gradients, eta);
    places.push({ batch, fusion: current.fusion });
    inner.push(update);
    current = { ...current, ...update.updated };
  }
  const { fusion, objective } = current;
  const inputs = { updated: { fusion, objective }, batch: metaTest };
  const outer = await evaluateOf(engine, learner, steps.outer, inputs);
  return {
    inner,
    outer,
    hypergradient: await backThrough(engine, learner, theta, places, outer.gradient, eta),
  };
}

type PlaceOnEngine = Pick<InnerStep, 'batch' | 'fusion'>;

/** `hypergradient`, in steps of the engine. */
async function backThrough(
  engine: Engine,
  learner: Learner,
  { proposal }: Theta,
  places: readonly PlaceOnEngine[],
  outer: Params<Tensor>,
  eta: number,
): Promise<Hypergradient> {
  const { ops } = engine;
  const { mixed, hessian } = stepsOf(learner);
  const terms: Params<Tensor>[] = [];
  const directional: Tensor[] = [];
  const directions = [outer];
  for (const [k, place] of [...places.entries()].reverse()) {
    const direction = directions.at(-1) as Params<Tensor>;
    const inputs = { ...place, proposal, direction };
    const term = await evaluateOf(engine, learner, mixed, inputs);
    terms.push(term.gradient);
    directional.unshift(term.directional);
    if (k === 0) continue;
    const { product } = await evaluateOf(engine, learner, hessian, inputs);
    directions.push(sgd(ops, direction, product, eta));
    engine.release(product);
  }
  const [first, ...others] = terms;
  if (!first) throw new OptionError('hypergradient: needs at least one inner step');
  const sum = (...parts: Tensor[]): Tensor => parts.reduce((x, y) => ops.add(x, y));
  const gradient = ops.scope(() => mapParams((...parts) => ops.mul(sum(...parts), eta), first, ...others));
  engine.release([terms, directions.slice(1)]);
  return { gradient, directional };
}

/** `batchGradients` on an engine; ownership as in `metaGradientOn`. */
export async function batchGradientsOn(
  engine: Engine,
  learner: Learner,
  theta: Theta,
  batch: Batch,
): Promise<BatchGradients> {
  if (!engine.evaluate) return engine.ops.scope(() => batchGradients(engine.ops, learner, theta, batch));
  return evaluateOf(engine, learner, stepsOf(learner).gradients, { theta, batch });
}

/** `fusionUpdate` on an engine; ownership as in `metaGradientOn`. */
export async function fusionUpdateOn(
  engine: Engine,
  learner: Learner,
  theta: Theta,
  optimisers: FusionOptimisers,
  batch: Batch,
  options: AdamOptions,
): Promise<FusionUpdate> {
  const gradients = await batchGradientsOn(engine, learner, theta, batch);
  return engine.ops.scope(() => fusionUpdateBy(engine.ops, theta, optimisers, gradients, options));
}

/** Evaluates a step of a learner, with the coefficients that it has now. */
async function evaluateOf<I extends Tree<Tensor>, O extends Tree<Tensor>>(
  engine: Engine,
  learner: Learner,
  step: LearnerStep<I, O>,
  inputs: I,
): Promise<O> {
  const values = Object.entries(originOf(learner)?.coefficients ?? {});
  const coefficients = Object.fromEntries(values.map(([name, value]) => [name, engine.ops.scalar(value)]));
  let made: Tree<Tensor> = [];
  try {
    const result = await evaluate(engine, step, { ...inputs, coefficients });
    made = result;
    return result;
  } finally {
    releaseMade(engine, coefficients, made);
  }
}

/** Frees what a step made, each tensor once, but for those that were there before it. */
export function releaseMade(engine: Engine, made: Tree<Tensor>, kept: Tree<Tensor>): void {
  const before = new Set(leavesOf<Tensor>(kept));
  engine.release([...new Set(leavesOf<Tensor>(made))].filter((x) => !before.has(x)));
}
