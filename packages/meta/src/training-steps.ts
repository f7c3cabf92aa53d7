import type { Engine, Tensor } from '@refusion/autodiff';
import { mapParams, type Tree } from '@refusion/core';
import { fusionUpdate } from './fusion-update.js';
import { type HostBatch, uploaded } from './host-batch.js';
import type { Learner } from './learner.js';
import { type LossValues, ownTerms, takeLosses } from './loss-values.js';
import { adam, normalisedSgd } from './optimisers.js';
import { metaGradient } from './outer-update.js';
import { outerRateOf, type TrainingSettings } from './settings.js';
import { type TrainingState, zerosLike } from './training-state.js';

/** What a step did: the state after it, which replaces the one before, and the losses on the way. */
export interface StepResult<Names extends string> {
  readonly state: TrainingState;
  readonly losses: { readonly [name in Names]: LossValues };
}

/**
 * One meta-step: adds to P's pending gradient, and updates P when enough have gathered.
 * @param where names the step in errors
 * @throws RefusionError if a loss is not finite; the state is then as it was
 */
export async function metaStep(
  engine: Engine,
  learner: Learner,
  settings: TrainingSettings,
  rate: number,
  state: TrainingState,
  metaTrain: readonly HostBatch[],
  metaTest: HostBatch,
  where: string,
): Promise<StepResult<'fusion' | 'objective' | 'outer'>> {
  const { ops } = engine;
  const { gradient, terms } = ops.scope(() => {
    const train = metaTrain.map((batch) => uploaded(ops, batch));
    const eta = settings.eta ?? rate;
    const meta = metaGradient(ops, learner, state.theta, train, uploaded(ops, metaTest), eta);
    const { fusionLoss, objectiveLoss } = (meta.inner.at(-1) as (typeof meta.inner)[number]).gradients;
    const losses = { fusion: fusionLoss, objective: objectiveLoss, outer: meta.outer.terms };
    return {
      gradient: mapParams((sum, g) => ops.add(sum, g), state.pending.gradient, meta.hypergradient.gradient),
      terms: ownTerms(ops, losses),
    };
  });
  const losses = await keptIfGood(engine, takeLosses(engine, terms, where), gradient);
  engine.release(state.pending.gradient);
  const gathered = { ...state, pending: { gradient, count: state.pending.count + 1 } };
  const enough = gathered.pending.count >= settings.accumulate;
  return { state: enough ? proposalUpdate(engine, settings, rate, gathered) : gathered, losses };
}

/** What was read, or, if that failed, its error after freeing what the step had made. */
async function keptIfGood<R>(engine: Engine, reading: Promise<R>, made: Tree<Tensor>): Promise<R> {
  try {
    return await reading;
  } catch (error) {
    engine.release(made);
    throw error;
  }
}

/** Updates P by the mean of the pending gradients, which start again from zero; does nothing if there are none. */
export function proposalUpdate(
  engine: Engine,
  settings: TrainingSettings,
  rate: number,
  state: TrainingState,
): TrainingState {
  const { gradient, count } = state.pending;
  const outerRate = outerRateOf(settings, rate);
  if (count === 0) return state;
  const { ops } = engine;
  const before = state.theta.proposal;
  const { params, moments } = ops.scope(() => {
    const mean = mapParams((g) => ops.div(g, count), gradient);
    if (settings.outerUpdate === 'normalised') {
      return { params: normalisedSgd(ops, before, mean, outerRate), moments: state.proposal };
    }
    const updated = adam(ops, before, mean, state.proposal, { rate: outerRate });
    return { params: updated.params, moments: updated.state };
  });
  engine.release([before, gradient]);
  if (moments !== state.proposal) engine.release([state.proposal.m, state.proposal.v]);
  return {
    ...state,
    theta: { ...state.theta, proposal: params },
    proposal: moments,
    pending: { gradient: zerosLike(ops, before), count: 0 },
  };
}

/**
 * One fusion update: Adam on F and on the objective's network.
 * @param where names the step in errors
 * @throws RefusionError if a loss is not finite; the state is then as it was
 */
export async function fusionStep(
  engine: Engine,
  learner: Learner,
  rate: number,
  state: TrainingState,
  batch: HostBatch,
  where: string,
): Promise<StepResult<'fusion' | 'objective'>> {
  const { ops } = engine;
  const { updated, optimisers, terms } = ops.scope(() => {
    const update = fusionUpdate(ops, learner, state.theta, state.optimisers, uploaded(ops, batch), { rate });
    const { fusionLoss, objectiveLoss } = update.gradients;
    return {
      updated: update.updated,
      optimisers: update.optimisers,
      terms: ownTerms(ops, { fusion: fusionLoss, objective: objectiveLoss }),
    };
  });
  const tensorsOf = (theta: typeof updated, moments: typeof optimisers): Tree<Tensor> =>
    (['fusion', 'objective'] as const).map((name) => [theta[name], moments[name].m, moments[name].v]);
  const losses = await keptIfGood(engine, takeLosses(engine, terms, where), tensorsOf(updated, optimisers));
  engine.release(tensorsOf(state.theta, state.optimisers));
  return { state: { ...state, theta: { ...state.theta, ...updated }, optimisers }, losses };
}
