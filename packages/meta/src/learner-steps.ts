import type { Imagewise, Step, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { type BatchGradients, batchGradients, type InnerUpdate } from './inner-update.js';
import type { Batch, Learner, Theta } from './learner.js';
import {
  directionalDerivative,
  hessianProduct,
  mixedTerm,
  type OuterLoss,
  outerLoss,
} from './outer-update.js';

/** Where an inner step began, and the outer loss's gradient in the parameters after it. */
type InnerPlace = {
  readonly batch: Batch;
  readonly fusion: Params<Tensor>;
  readonly proposal: Params<Tensor>;
  readonly direction: Params<Tensor>;
};

/**
 * What a training computes on images, as steps that an engine may compile. Between them go parameters and gradients
 * alone: what several need of the same images, each computes again, which takes less than to keep it.
 */
export interface LearnerSteps {
  readonly gradients: Step<{ readonly theta: Theta; readonly batch: Batch }, BatchGradients>;
  readonly outer: Step<{ readonly updated: InnerUpdate['updated']; readonly batch: Batch }, OuterLoss>;
  /** A single step's part of the hypergradient, for eta = 1, and the directional derivative. */
  readonly mixed: Step<InnerPlace, { readonly directional: Tensor; readonly gradient: Params<Tensor> }>;
  readonly hessian: Step<InnerPlace, { readonly product: Params<Tensor> }>;
}

const known = new WeakMap<Learner, LearnerSteps>();

/** The steps of a learner: the same objects at every call. */
export function stepsOf(learner: Learner): LearnerSteps {
  const steps = known.get(learner) ?? newSteps(learner);
  known.set(learner, steps);
  return steps;
}

function newSteps(learner: Learner): LearnerSteps {
  const withImages = (...perImage: readonly string[]): { readonly imagewise?: Imagewise } =>
    learner.imagewise ? { imagewise: { images: ['batch'], perImage } } : {};
  return {
    gradients: {
      name: 'the inner gradients',
      run: (ops, { theta, batch }) => batchGradients(ops, learner, theta, batch),
      ...withImages('fused', 'proposal'),
    },
    outer: {
      name: 'the outer loss',
      run: (ops, { updated, batch }) => outerLoss(ops, learner, updated, batch),
      ...withImages('fused'),
    },
    mixed: {
      name: 'the hypergradient',
      run: (ops, place) => {
        const { value: fused, tangent } = directionalDerivative(ops, learner, place, place.direction);
        const gradient = mixedTerm(ops, learner, place.proposal, { ...place, fused }, tangent, 1);
        return { directional: tangent, gradient };
      },
      ...withImages('directional'),
    },
    hessian: {
      name: 'the Hessian product',
      run: (ops, place) => ({
        product: hessianProduct(ops, learner, place.proposal, place, place.direction),
      }),
      ...withImages(),
    },
  };
}
