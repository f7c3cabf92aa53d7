import type { Engine } from '@refusion/autodiff';
import { expectSameShape } from '@refusion/core';
import { type GoldenFile, goldenTensor, INPUTS } from './golden-file.js';
import { GROUPS, type Group, isIn, toleranceOf } from './groups.js';
import { recompute } from './recompute.js';
import { relativeError } from './relative-error.js';

/** How far the worst tensor of a group is from the golden file. */
export interface GroupVerdict {
  readonly group: string;
  /** The worst tensor's name. */
  readonly tensor: string;
  /** Its relative L2 error. */
  readonly error: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

/** What came of one file on one engine. */
export interface Verdict {
  readonly file: string;
  readonly engine: string;
  readonly groups: readonly GroupVerdict[];
  /** Tensors of the file that are neither inputs nor among those recomputed, so that nothing is known of them. */
  readonly notRecomputed: readonly string[];
  /** Whether every group is within its tolerance and every tensor of the file was recomputed. */
  readonly ok: boolean;
}

/**
 * Recomputes a golden file on an engine and compares each tensor with the file's.
 * @throws FileError if a tensor that is recomputed is not in the file; ShapeError if it has another shape there
 */
export async function verify(engine: Engine, file: GoldenFile): Promise<Verdict> {
  const errors = await errorsByName(engine, file);
  const groups = GROUPS.map((group) => verdictOn(group, errors, toleranceOf(group, engine.name)));
  const notRecomputed = Object.keys(file.tensors).filter(
    (name) => !errors.has(name) && !INPUTS.some((prefix) => name.startsWith(prefix)),
  );
  const ok = notRecomputed.length === 0 && groups.every((group) => group.ok);
  return { file: file.source, engine: engine.name, groups, notRecomputed, ok };
}

/** The relative error of every tensor that is recomputed. */
function errorsByName(engine: Engine, file: GoldenFile): Promise<ReadonlyMap<string, number>> {
  return recompute(engine, file, async (recomputed) => {
    const errors = new Map<string, number>();
    for (const [name, tensor] of Object.entries(recomputed)) {
      const golden = goldenTensor(file, name);
      expectSameShape(file.source, `"${name}"`, golden, 'what is recomputed', tensor);
      errors.set(name, relativeError(await engine.read(tensor), golden.data));
    }
    return errors;
  });
}

function verdictOn(group: Group, errors: ReadonlyMap<string, number>, tolerance: number): GroupVerdict {
  const members = [...errors].filter(([name]) => isIn(group, name));
  const [tensor, error] = members.reduce((worst, next) => (isWorse(next[1], worst[1]) ? next : worst));
  return { group: group.name, tensor, error, tolerance, ok: error <= tolerance };
}

/** Whether one error is worse than another; NaN is the worst there is. */
function isWorse(error: number, other: number): boolean {
  return error > other || (Number.isNaN(error) && !Number.isNaN(other));
}
