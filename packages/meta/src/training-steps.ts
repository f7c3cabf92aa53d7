import type { Engine } from '@refusion/autodiff';
import { mapParams } from '@refusion/core';
import { fusionUpdate } from './fusion-update.js';
import { type HostBatch, uploaded } from './host-batch.js';
import type { Learner } from './learner.js';
import { type LossValues, takeLoss } from './loss-values.js';
import { adam, normalisedSgd } from './optimisers.js';
import { metaGradient } from './outer-update.js';
import type { TrainingSettings } from './settings.js';
import { type TrainingState, zerosLike } from './training-state.js';

/** What a step did: the state after it, which replaces the one before, and the losses on the way. */
export interface StepResult<Names extends string> {
  readonly state: TrainingState;
  readonly losses: { readonly [name in Names]: LossValues };
}

/** One meta-step: adds to P's pending gradient, and updates P when enough have gathered. */
export async function metaStep(
  engine: Engine,
  learner: Learner,
  settings: TrainingSettings,
  rate: number,
  state: TrainingState,
  metaTrain: readonly HostBatch[],
  metaTest: HostBatch,
): Promise<StepResult<'fusion' | 'objective' | 'outer'>> {
  const { ops } = engine;
  const { gradient, fusion, objective, outer } = ops.scope(() => {
    const train = metaTrain.map((batch) => uploaded(ops, batch));
    const eta = settings.eta ?? rate;
    const meta = metaGradient(ops, learner, state.theta, train, uploaded(ops, metaTest), eta);
    const { fusionLoss, objectiveLoss } = (meta.inner.at(-1) as (typeof meta.inner)[number]).gradients;
    return {
      gradient: mapParams((sum, g) => ops.add(sum, g), state.pending.gradient, meta.hypergradient.gradient),
      fusion: fusionLoss,
      objective: objectiveLoss,
      outer: meta.outer.terms,
    };
  });
  engine.release(state.pending.gradient);
  const gathered = { ...state, pending: { gradient, count: state.pending.count + 1 } };
  return {
    state:
      gathered.pending.count < settings.accumulate
        ? gathered
        : proposalUpdate(engine, settings, rate, gathered),
    losses: {
      fusion: await takeLoss(engine, fusion),
      objective: await takeLoss(engine, objective),
      outer: await takeLoss(engine, outer),
    },
  };
}

/** Updates P by the mean of the pending gradients, which start again from zero; does nothing if there are none. */
export function proposalUpdate(
  engine: Engine,
  settings: TrainingSettings,
  rate: number,
  state: TrainingState,
): TrainingState {
  const { gradient, count } = state.pending;
  if (count === 0) return state;
  const { ops } = engine;
  const before = state.theta.proposal;
  const { params, moments } = ops.scope(() => {
    const mean = mapParams((g) => ops.div(g, count), gradient);
    if (settings.outerUpdate === 'normalised') {
      return { params: normalisedSgd(ops, before, mean, rate), moments: state.proposal };
    }
    const updated = adam(ops, before, mean, state.proposal, { rate });
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

/** One fusion update: Adam on F and on the objective's network. */
export async function fusionStep(
  engine: Engine,
  learner: Learner,
  rate: number,
  state: TrainingState,
  batch: HostBatch,
): Promise<StepResult<'fusion' | 'objective'>> {
  const { ops } = engine;
  const { updated, optimisers, terms } = ops.scope(() => {
    const update = fusionUpdate(ops, learner, state.theta, state.optimisers, uploaded(ops, batch), { rate });
    const { fusionLoss, objectiveLoss } = update.gradients;
    return {
      updated: update.updated,
      optimisers: update.optimisers,
      terms: { fusion: fusionLoss, objective: objectiveLoss },
    };
  });
  for (const name of ['fusion', 'objective'] as const) {
    engine.release([state.theta[name], state.optimisers[name].m, state.optimisers[name].v]);
  }
  return {
    state: { ...state, theta: { ...state.theta, ...updated }, optimisers },
    losses: {
      fusion: await takeLoss(engine, terms.fusion),
      objective: await takeLoss(engine, terms.objective),
    },
  };
}
