import type { Engine, Tensor } from '@refusion/autodiff';
import { mapParams, type Params, type Tree } from '@refusion/core';
import type { StepPlace } from './diverged-error.js';
import { type FusionOptimisers, type FusionUpdate, fusionUpdateBy } from './fusion-update.js';
import { type HostBatch, uploaded } from './host-batch.js';
import type { Learner } from './learner.js';
import {
  expectFiniteSum,
  type LossValues,
  type NamedTerms,
  ownTerms,
  sumOf,
  takeLosses,
} from './loss-values.js';
import { batchGradientsOn, metaGradientOn, releaseMade } from './on-engine.js';
import { type AdamState, adam, normalisedSgd } from './optimisers.js';
import { outerRateOf, type TrainingSettings } from './settings.js';
import { partsOf, type TrainingState, zerosLike } from './training-state.js';

/** What the steps of an epoch have in common. */
export interface StepContext {
  readonly engine: Engine;
  readonly learner: Learner;
  readonly settings: TrainingSettings;
  /** The learning rate of the epoch. */
  readonly rate: number;
  /** Counted from 0. */
  readonly epoch: number;
}

/** What a step did: the state after it, which replaces the one before, and the losses on the way. */
export interface StepResult<Names extends string> {
  readonly state: TrainingState;
  readonly losses: { readonly [name in Names]: LossValues };
}

/**
 * One meta-step: adds to P's pending gradient, and updates P when enough have gathered, or none can follow: a
 * gradient left over must not wait for the next epoch's learning rate.
 * @throws DivergedError if a loss or a gradient is not finite; the state is then as it was
 */
export async function metaStep(
  context: StepContext,
  step: number,
  state: TrainingState,
  metaTrain: readonly HostBatch[],
  metaTest: HostBatch,
): Promise<StepResult<'fusion' | 'objective' | 'outer'>> {
  const { engine, learner, settings, rate } = context;
  const { ops } = engine;
  const train = metaTrain.map((batch) => uploaded(ops, batch));
  const test = uploaded(ops, metaTest);
  const eta = settings.eta ?? rate;
  const compute = () => metaGradientOn(engine, learner, state.theta, train, test, eta);
  const { gradient, terms, sum } = await resultsOf(
    engine,
    compute,
    { inputs: [train, test], state },
    (meta) => {
      const { fusionLoss, objectiveLoss } = (meta.inner.at(-1) as (typeof meta.inner)[number]).gradients;
      const losses = { fusion: fusionLoss, objective: objectiveLoss, outer: meta.outer.terms };
      const fresh = meta.hypergradient.gradient;
      return {
        gradient: mapParams((before, g) => ops.add(before, g), state.pending.gradient, fresh),
        terms: ownTerms(ops, losses),
        sum: sumOf(ops, fresh),
      };
    },
  );
  const place = placeOf(context, step, [...metaTrain, metaTest]);
  const losses = await keptIfGood(
    engine,
    terms,
    { sum, of: "the gradient of P's parameters" },
    place,
    gradient,
  );
  const gathered = { ...state, pending: { gradient, count: state.pending.count + 1 } };
  const enough = gathered.pending.count >= settings.accumulate || step + 1 === settings.metaSteps;
  try {
    const next = enough ? await proposalUpdate(context, gathered, place) : gathered;
    engine.release(state.pending.gradient);
    return { state: next, losses };
  } catch (error) {
    engine.release(gradient);
    throw error;
  }
}

/** What a step makes of what it computes; all else that it computes, and its inputs, are freed. */
async function resultsOf<C extends Tree<Tensor>, R>(
  engine: Engine,
  compute: () => Promise<C>,
  { inputs, state }: { readonly inputs: Tree<Tensor>; readonly state: TrainingState },
  make: (computed: C) => R,
): Promise<R> {
  let computed: Tree<Tensor> = [];
  try {
    const all = await compute();
    computed = all;
    return engine.ops.scope(() => make(all));
  } finally {
    releaseMade(engine, [inputs, computed], partsOf(state));
  }
}

function placeOf({ epoch }: StepContext, step: number, batches: readonly HostBatch[]): StepPlace {
  return { epoch, step, pairs: batches.flatMap(({ names }) => names ?? []) };
}

/** The losses of a step, or, if something is not finite, the error, after freeing what the step had made. */
async function keptIfGood<Name extends string>(
  engine: Engine,
  terms: NamedTerms<Name>,
  { sum, of }: { readonly sum: Tensor; readonly of: string },
  place: StepPlace,
  made: Tree<Tensor>,
): Promise<{ readonly [name in Name]: LossValues }> {
  // Both are read, and freed, whichever fails; a loss explains more than a gradient does.
  const [losses, finite] = await Promise.allSettled([
    takeLosses(engine, terms, place),
    expectFiniteSum(engine, sum, of, place),
  ]);
  if (losses.status === 'fulfilled' && finite.status === 'fulfilled') return losses.value;
  engine.release(made);
  throw losses.status === 'rejected' ? losses.reason : (finite as PromiseRejectedResult).reason;
}

/**
 * Updates P by the mean of the pending gradients, which start again from zero.
 * @throws DivergedError if what it makes is not finite; nothing is freed then
 */
async function proposalUpdate(
  { engine, settings, rate }: StepContext,
  state: TrainingState,
  place: StepPlace,
): Promise<TrainingState> {
  const { gradient, count } = state.pending;
  const outerRate = outerRateOf(settings, rate);
  const { ops } = engine;
  const before = state.theta.proposal;
  const { params, moments, sum } = ops.scope(() => {
    const mean = mapParams((g) => ops.div(g, count), gradient);
    const updated =
      settings.outerUpdate === 'normalised'
        ? { params: normalisedSgd(ops, before, mean, outerRate), state: null }
        : adam(ops, before, mean, state.proposal, { rate: outerRate });
    const made = [updated.params, momentsOf(updated.state)];
    return { params: updated.params, moments: updated.state, sum: sumOf(ops, made) };
  });
  const of = "the sum of P's updated parameters and moments";
  await keptIfGood(engine, {}, { sum, of }, place, [params, momentsOf(moments)]);
  engine.release([before, gradient, moments ? momentsOf(state.proposal) : []]);
  return {
    ...state,
    theta: { ...state.theta, proposal: params },
    proposal: moments ?? state.proposal,
    pending: { gradient: zerosLike(ops, before), count: 0 },
  };
}

/** The tensors of Adam's state. They are checked like parameters: an infinite one would freeze its parameter for ever. */
function momentsOf(state: AdamState | null): Params<Tensor>[] {
  return state ? [state.m, state.v] : [];
}

/**
 * One fusion update: Adam on F and on the objective's network.
 * @throws DivergedError if a loss or a parameter is not finite; the state is then as it was
 */
export async function fusionStep(
  context: StepContext,
  step: number,
  state: TrainingState,
  batch: HostBatch,
): Promise<StepResult<'fusion' | 'objective'>> {
  const { engine, learner, rate } = context;
  const { ops } = engine;
  const tensors = uploaded(ops, batch);
  const compute = () => batchGradientsOn(engine, learner, state.theta, tensors);
  const tensorsOf = (theta: FusionUpdate['updated'], moments: FusionOptimisers): Tree<Tensor> =>
    (['fusion', 'objective'] as const).map((name) => [theta[name], ...momentsOf(moments[name])]);
  const { updated, optimisers, terms, sum } = await resultsOf(
    engine,
    compute,
    { inputs: tensors, state },
    (gradients) => {
      const update = fusionUpdateBy(ops, state.theta, state.optimisers, gradients, { rate });
      return {
        updated: update.updated,
        optimisers: update.optimisers,
        terms: ownTerms(ops, { fusion: gradients.fusionLoss, objective: gradients.objectiveLoss }),
        sum: sumOf(ops, tensorsOf(update.updated, update.optimisers)),
      };
    },
  );
  const losses = await keptIfGood(
    engine,
    terms,
    { sum, of: 'the sum of the updated parameters and moments' },
    placeOf(context, step, [batch]),
    tensorsOf(updated, optimisers),
  );
  engine.release(tensorsOf(state.theta, state.optimisers));
  return { state: { ...state, theta: { ...state.theta, ...updated }, optimisers }, losses };
}
