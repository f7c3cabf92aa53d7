import type { Engine, Ops, Tensor } from '@refusion/autodiff';
import { leavesOf, mapParams, type Tree } from '@refusion/core';
import { DivergedError, type StepPlace } from './diverged-error.js';
import type { LossTerms } from './learner.js';
import { vectorOf } from './on-vectors.js';

/** A loss and its parts as numbers. */
export type LossValues = { readonly total: number; readonly [part: string]: number };

/** Losses by name, as tensors. */
export type NamedTerms<Name extends string> = { readonly [name in Name]: LossTerms };

/**
 * The same losses as tensors of their own: a part may be a learner's parameter, which must not be freed with it.
 */
export function ownTerms<Name extends string>(ops: Ops, losses: NamedTerms<Name>): NamedTerms<Name> {
  const entries = Object.entries<LossTerms>(losses);
  const owned = entries.map(([name, terms]) => [name, mapParams((x: Tensor) => ops.mul(x, 1), terms)]);
  return Object.fromEntries(owned) as NamedTerms<Name>;
}

/** A sum over everything that a step made: a finite number only if all of it is. */
export function sumOf(ops: Ops, made: Tree<Tensor>): Tensor {
  return ops.scope(() => ops.sum(vectorOf(ops, leavesOf<Tensor>(made))));
}

/**
 * Reads losses off the engine and frees them.
 * @throws DivergedError if one is not a finite number any more
 */
export async function takeLosses<Name extends string>(
  engine: Engine,
  losses: NamedTerms<Name>,
  place: StepPlace,
): Promise<{ readonly [name in Name]: LossValues }> {
  const entries = Object.entries<LossTerms>(losses);
  const values = await Promise.all(
    entries.map(async ([name, terms]) => [name, await readLoss(engine, terms)] as const),
  );
  engine.release(losses);
  for (const [name, { total }] of values) expectFinite(`the ${name} loss`, total, place);
  return Object.fromEntries(values) as { [name in Name]: LossValues };
}

/**
 * Reads a sum of `sumOf` off the engine and frees it.
 * @param what it is a sum of
 * @throws DivergedError if it is not finite
 */
export async function expectFiniteSum(
  engine: Engine,
  sum: Tensor,
  what: string,
  place: StepPlace,
): Promise<void> {
  const [value] = await engine.read(sum);
  engine.release(sum);
  expectFinite(what, value as number, place);
}

async function readLoss(engine: Engine, terms: LossTerms): Promise<LossValues> {
  const names = Object.keys(terms);
  const read = await Promise.all(Object.values(terms).map((term) => engine.read(term)));
  const values = Object.fromEntries(names.map((name, i) => [name, read[i]?.[0] as number]));
  return { ...values, total: values['total'] as number };
}

function expectFinite(what: string, value: number, place: StepPlace): void {
  if (!Number.isFinite(value)) throw new DivergedError(what, value, place);
}
