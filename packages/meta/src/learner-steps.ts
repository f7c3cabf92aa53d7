import type { Imagewise, Step, Tensor } from '@refusion/autodiff';
import type { Params, Tree } from '@refusion/core';
import { type BatchGradients, batchGradients, type InnerUpdate } from './inner-update.js';
import type { Batch, Learner, Theta } from './learner.js';
import {
  directionalDerivative,
  hessianProduct,
  mixedTerm,
  type OuterLoss,
  outerLoss,
} from './outer-update.js';
import { madeOfScalars, originOf } from './scheduled-learner.js';

/** Where an inner step began, and the outer loss's gradient in the parameters after it. */
type InnerPlace = {
  readonly batch: Batch;
  readonly fusion: Params<Tensor>;
  readonly proposal: Params<Tensor>;
  readonly direction: Params<Tensor>;
};

/** A step that also takes the learner's coefficients, which are none unless it is of a schedule. */
export type LearnerStep<I extends Tree<Tensor>, O extends Tree<Tensor>> = Step<
  I & { readonly coefficients: Params<Tensor> },
  O
>;

/**
 * What a training computes on images, as steps that an engine may compile. Between them go parameters and gradients
 * alone: what several need of the same images, each computes again, which takes less than to keep it.
 */
export interface LearnerSteps {
  readonly gradients: LearnerStep<{ readonly theta: Theta; readonly batch: Batch }, BatchGradients>;
  readonly outer: LearnerStep<{ readonly updated: InnerUpdate['updated']; readonly batch: Batch }, OuterLoss>;
  /** A single step's part of the hypergradient, for eta = 1, and the directional derivative. */
  readonly mixed: LearnerStep<
    InnerPlace,
    { readonly directional: Tensor; readonly gradient: Params<Tensor> }
  >;
  readonly hessian: LearnerStep<InnerPlace, { readonly product: Params<Tensor> }>;
}

const known = new WeakMap<object, LearnerSteps>();

/** The steps of a learner: the same objects at every call, and for all learners of one schedule. */
export function stepsOf(learner: Learner): LearnerSteps {
  const make = originOf(learner)?.make;
  const owner = make ?? learner;
  const steps =
    known.get(owner) ??
    newSteps(make ? (scalars) => madeOfScalars(make, scalars) : () => learner, learner.imagewise ?? false);
  known.set(owner, steps);
  return steps;
}

function newSteps(learnerOf: (coefficients: Params<Tensor>) => Learner, imagewise: boolean): LearnerSteps {
  const withImages = (...perImage: readonly string[]): { readonly imagewise?: Imagewise } =>
    imagewise ? { imagewise: { images: ['batch'], perImage } } : {};
  return {
    gradients: {
      name: 'the inner gradients',
      run: (ops, { coefficients, theta, batch }) =>
        batchGradients(ops, learnerOf(coefficients), theta, batch),
      ...withImages('fused', 'proposal'),
    },
    outer: {
      name: 'the outer loss',
      run: (ops, { coefficients, updated, batch }) => outerLoss(ops, learnerOf(coefficients), updated, batch),
      ...withImages('fused'),
    },
    mixed: {
      name: 'the hypergradient',
      run: (ops, { coefficients, ...place }) => {
        const learner = learnerOf(coefficients);
        const { value: fused, tangent } = directionalDerivative(ops, learner, place, place.direction);
        const gradient = mixedTerm(ops, learner, place.proposal, { ...place, fused }, tangent, 1);
        return { directional: tangent, gradient };
      },
      ...withImages('directional'),
    },
    hessian: {
      name: 'the Hessian product',
      run: (ops, { coefficients, ...place }) => ({
        product: hessianProduct(ops, learnerOf(coefficients), place.proposal, place, place.direction),
      }),
      ...withImages(),
    },
  };
}
