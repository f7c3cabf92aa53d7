import type { Engine } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import type { LossTerms } from './learner.js';

/** A loss and its parts as numbers. */
export type LossValues = { readonly total: number; readonly [part: string]: number };

/** Reads a loss off the engine and frees it. */
export async function takeLoss(engine: Engine, terms: LossTerms): Promise<LossValues> {
  const names = Object.keys(terms);
  const read = await Promise.all(Object.values(terms).map((term) => engine.read(term)));
  engine.release(terms);
  const values = Object.fromEntries(names.map((name, i) => [name, read[i]?.[0] as number]));
  return { ...values, total: values['total'] as number };
}

/** @throws RefusionError if the loss is not a finite number any more */
export function expectFinite(loss: LossValues, name: string, epoch: number, step: number): void {
  if (Number.isFinite(loss.total)) return;
  throw new RefusionError(
    `train: the ${name} loss became ${loss.total} in epoch ${epoch + 1}, step ${step + 1}: lower the learning rate or the inner step size`,
  );
}
