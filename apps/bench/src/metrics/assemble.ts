import { FileError } from '@refusion/core';
import type { ScoredPair } from '../results/results.js';
import type { MethodScores, ScoredDataSet } from '../results/summarise.js';
import type { Files } from './find-files.js';
import type { FusedOutcome } from './score-job.js';
import type { PairOutcome, PairScores } from './score-pairs.js';
import { someNames } from './some-names.js';

/** A pair whose sources could be used. */
interface Usable extends PairScores {
  readonly index: number;
  readonly pair: ScoredPair;
}

/** What was scored, before it is known which of it is reported. */
export interface Scored {
  readonly name: string;
  readonly files: Files;
  readonly outcomes: readonly PairOutcome[];
  /** What is to be noted already. */
  readonly notes: readonly string[];
}

/**
 * Chooses what is reported, so that all methods' scores are over the same pairs: the methods that have a score for every
 * pair or, where the common set is asked for, the pairs for which every method has one. Notes say what is not.
 * @throws FileError if the methods have no pair in common
 */
export function assemble({ name, files, outcomes, notes }: Scored, common: boolean): ScoredDataSet {
  const usable = outcomes.flatMap((outcome, index): Usable[] =>
    'scores' in outcome ? [{ ...outcome, index, pair: files.pairs[index] as ScoredPair }] : [],
  );
  const unusable = outcomes.length - usable.length;
  const allNotes = [
    ...notes,
    ...(unusable > 0
      ? [`${unusable} of ${outcomes.length} pairs are left out: their sources cannot be used.`]
      : []),
  ];
  return common
    ? commonSet(name, files, { usable, notes: allNotes })
    : wholeMethods(name, files, { usable, notes: allNotes });
}

interface Rest {
  readonly usable: readonly Usable[];
  readonly notes: readonly string[];
}

function wholeMethods(name: string, files: Files, { usable, notes }: Rest): ScoredDataSet {
  const failures = files.methods.map(
    (_, method) => usable.filter(({ scores }) => !valuesOf(scores[method])).length,
  );
  const without = files.methods.flatMap((method, index) => {
    const count = failures[index] as number;
    return count === 0
      ? []
      : [`${method.name} is left out: ${count} of its ${usable.length} pictures cannot be scored.`];
  });
  const kept = [...files.methods.keys()].filter((method) => usable.length > 0 && failures[method] === 0);
  return gathered(name, files, { usable, kept, notes: [...notes, ...without] });
}

function commonSet(name: string, files: Files, { usable, notes }: Rest): ScoredDataSet {
  const isComplete = ({ scores }: Usable) => scores.every(valuesOf);
  const complete = usable.filter(isComplete);
  if (usable.length > 0 && complete.length === 0) {
    throw new FileError('no pair has a picture of every method; leave a method out');
  }
  const rest = usable.filter((pair) => !isComplete(pair));
  const note = `The common set: ${complete.length} of ${usable.length} pairs, those for which every method has a picture`;
  const without = rest.length > 0 ? `; without ${someNames(rest.map(({ pair }) => pair.stem))}` : '';
  const kept = [...files.methods.keys()];
  return gathered(name, files, { usable: complete, kept, notes: [...notes, `${note}${without}.`] });
}

function gathered(
  name: string,
  files: Files,
  { usable, kept, notes }: Rest & { kept: readonly number[] },
): ScoredDataSet {
  const methods = kept.map((method): MethodScores => {
    const found = files.methods[method] as Files['methods'][number];
    return {
      name: found.name,
      fused: usable.map(({ index }) => found.fused[index] as string),
      stamps: usable.map(({ stamps }) => stamps.fused[method] as string),
      values: usable.map(({ scores }) => valuesOf(scores[method]) as readonly number[]),
    };
  });
  const pairs = usable.map(({ pair, stamps }) => ({
    ...pair,
    ...(stamps.pair ? { stamps: stamps.pair } : {}),
  }));
  return { name, pairs, methods, notes };
}

function valuesOf(outcome: FusedOutcome | null | undefined): readonly number[] | null {
  return outcome && 'values' in outcome ? outcome.values : null;
}
