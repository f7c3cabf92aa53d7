import type { Operand, Tensor } from '@refusion/autodiff';
import { isRecord, kindOf, OptionError, type Params } from '@refusion/core';
import { expectLearner } from './expect-learner.js';
import { expectFunctions } from './expect-parts.js';
import type { Learner } from './learner.js';

/** What a learner of a schedule was made by, and of what. */
export interface Origin {
  make(coefficients: { readonly [name: string]: Operand }): Learner;
  readonly coefficients: { readonly [name: string]: number };
}

/** Beside the learners, not in them: a copy with another loss is no longer what was made. */
const origins = new WeakMap<Learner, Origin>();

/**
 * Makes the learner of a schedule of scalars. What takes one for a number, as `2 * alpha` or `alpha > 0.5` do, would get
 * NaN or always the same answer, and is told.
 */
export function madeOfScalars(make: Origin['make'], coefficients: Params<Tensor>): Learner {
  for (const [name, scalar] of Object.entries(coefficients)) {
    Object.defineProperty(scalar, Symbol.toPrimitive, {
      configurable: true,
      value: () => {
        throw new OptionError(
          `scheduledLearner: the coefficient "${name}" is a tensor where steps are compiled; use operations, as ops.mul(2, ${name}), or a learnerAt that makes each epoch's learner of numbers`,
        );
      },
    });
  }
  return make(coefficients);
}

/** Where a learner comes from, if it is of a schedule. */
export function originOf(learner: Learner): Origin | undefined {
  return origins.get(learner);
}

/**
 * The `learnerAt` of a training whose loss has coefficients that change with the epoch, as the weight alpha_f does.
 * Engines that compile then take the coefficients as inputs, and compile each step once; of learners that differ in a
 * number alone they would compile each anew.
 *
 * @param coefficientsAt the coefficients in an epoch, counted from 0; finite
 * @param make the learner with these coefficients, and nothing else that changes: each is a number or a scalar tensor, so
 * use it in operations
 * @throws OptionError unless both are functions; for an epoch, unless its coefficients are finite numbers and make a
 * learner
 * @example
 * const learnerAt = scheduledLearner(
 *   (epoch) => ({ alphaF: (epoch + 1) / 50 }),
 *   ({ alphaF }) => refusionLearner({ alphaF }),
 * );
 */
export function scheduledLearner<C extends { readonly [name: string]: number }, Name extends string = never>(
  coefficientsAt: (epoch: number) => C,
  make: (coefficients: { readonly [name in keyof C]: Operand }) => Learner<Name>,
): (epoch: number) => Learner<Name> {
  expectFunctions('scheduledLearner', 'arguments', { coefficientsAt, make }, ['coefficientsAt', 'make']);
  return (epoch) => {
    const coefficients = coefficientsAt(epoch);
    expectFinite(`coefficientsAt(${epoch})`, coefficients);
    const learner = make(coefficients);
    expectLearner('scheduledLearner', learner);
    origins.set(learner, { make: make as Origin['make'], coefficients: { ...coefficients } });
    return learner;
  };
}

function expectFinite(name: string, coefficients: unknown): void {
  if (!isRecord(coefficients)) {
    throw new OptionError(
      `scheduledLearner: ${name} must be a record of numbers, got ${kindOf(coefficients)}`,
    );
  }
  const wrong = Object.keys(coefficients).find((each) => !Number.isFinite(coefficients[each]));
  if (wrong === undefined) return;
  const got = kindOf(coefficients[wrong]);
  throw new OptionError(`scheduledLearner: ${name}.${wrong} must be a finite number, got ${got}`);
}
