import type { Tensor } from '@refusion/autodiff';
import { expectTensors, hasShape, kindOf, OptionError } from '@refusion/core';
import { expectFunctions, expectScalar } from './expect-parts.js';
import type { Learner, LossTerms, Proposal } from './learner.js';

const FUNCTIONS = ['fuse', 'propose', 'fusionLoss', 'objective'] as const;

/** @throws OptionError unless it has the functions of a learner */
export function expectLearner(where: string, learner: Learner): void {
  expectFunctions(where, 'learner', learner, FUNCTIONS);
}

/** What F returned. @throws OptionError unless it is a tensor */
export function fusedOf(fused: Tensor): Tensor {
  if (hasShape(fused)) return fused;
  throw new OptionError(`learner: fuse must return the fused image as a tensor, got ${kindOf(fused)}`);
}

/** What P returned. @throws OptionError unless it is a record of tensors */
export function proposalOf(proposal: Proposal): Proposal {
  expectTensors('learner', 'what propose returns', proposal);
  return proposal;
}

/**
 * What a loss returned.
 * @throws OptionError unless it is a record of tensors with a total; ShapeError unless all of them are scalars
 */
export function termsOf(loss: 'fusionLoss' | 'objective', terms: LossTerms): LossTerms {
  expectTensors('learner', `what ${loss} returns`, terms);
  if (!terms.total) throw new OptionError(`learner: what ${loss} returns must have a total`);
  for (const [part, term] of Object.entries(terms)) expectScalar('learner', `the ${part} of ${loss}`, term);
  return terms;
}
