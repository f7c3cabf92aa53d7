import type { Engine, Ops, Tensor } from '@refusion/autodiff';
import { mapParams, RefusionError } from '@refusion/core';
import type { LossTerms } from './learner.js';

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

/**
 * Reads losses off the engine and frees them.
 * @throws RefusionError if one is not a finite number any more
 */
export async function takeLosses<Name extends string>(
  engine: Engine,
  losses: NamedTerms<Name>,
  where: string,
): Promise<{ readonly [name in Name]: LossValues }> {
  const entries = Object.entries<LossTerms>(losses);
  const values = await Promise.all(
    entries.map(async ([name, terms]) => [name, await readLoss(engine, terms)] as const),
  );
  engine.release(losses);
  for (const [name, loss] of values) expectFinite(loss, name, where);
  return Object.fromEntries(values) as { [name in Name]: LossValues };
}

async function readLoss(engine: Engine, terms: LossTerms): Promise<LossValues> {
  const names = Object.keys(terms);
  const read = await Promise.all(Object.values(terms).map((term) => engine.read(term)));
  const values = Object.fromEntries(names.map((name, i) => [name, read[i]?.[0] as number]));
  return { ...values, total: values['total'] as number };
}

function expectFinite(loss: LossValues, name: string, where: string): void {
  if (Number.isFinite(loss.total)) return;
  throw new RefusionError(
    `train: the ${name} loss became ${loss.total} in ${where}: lower the learning rate or the inner step size`,
  );
}
