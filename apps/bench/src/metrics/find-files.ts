import { FileError, RefusionError } from '@refusion/core';
import { listPairs } from '@refusion/data/node';
import type { ScoredPair } from '../results/results.js';
import { someNames } from './some-names.js';
import type { DataSet } from './study.js';

/** The files of a data set. */
export interface Files {
  readonly pairs: readonly ScoredPair[];
  readonly methods: readonly MethodFiles[];
}

export interface MethodFiles {
  readonly name: string;
  /** The fused picture of each pair; null where there is none. */
  readonly fused: readonly (string | null)[];
}

/** Told of what the user should know. */
export interface Listener {
  /** Something that cannot be used: a pair, by its stem, or a method, by its name. */
  readonly onError: (about: string, error: RefusionError) => void;
  /** Something that readers of the scores must know. */
  readonly onNote: (note: string) => void;
}

/**
 * Finds the pictures of a data set. What belongs together has one name, but for the extension; a pair without a partner
 * or without its truth is left out for every method. A method that lacks pictures is left out, unless the common set is
 * asked for: its means would be over other pairs. Further pictures in a method's folder are of no concern.
 * @throws FileError if the sources' folders have no pairs
 */
export async function findFiles(
  { a, b, truth, methods }: DataSet,
  common: boolean,
  listener: Listener,
): Promise<Files> {
  const { pairs: both, problems } = await listPairs({ a, b });
  for (const { stem, message } of problems) listener.onError(stem, new FileError(message));
  noteLeftOut(problems, 'a source is missing, there twice or of a format that is not read', listener);
  const pairs = truth === undefined ? both : await withTruth(both, { a, truth, listener });
  const found: MethodFiles[] = [];
  for (const { name, path } of methods) {
    const partners = await partnersOrNull(name, path, { a, listener });
    if (!partners) continue;
    const fused = pairs.map(({ stem }) => partners.files.get(stem) ?? null);
    const lacks = pairs.map(({ stem }) => stem).filter((_, index) => fused[index] === null);
    const refused = lacks.flatMap((stem) => partners.refused.get(stem) ?? []);
    for (const message of refused) listener.onError(name, new FileError(message));
    if (lacks.length === 0 || common) found.push({ name, fused });
    else leaveOut({ name, path, total: pairs.length, lacks, partners, listener });
  }
  return { pairs, methods: found };
}

function noteLeftOut(problems: readonly { stem: string }[], reason: string, { onNote }: Listener): void {
  if (problems.length === 0) return;
  const names = someNames(problems.map(({ stem }) => stem));
  const subject = problems.length === 1 ? '1 pair is' : `${problems.length} pairs are`;
  onNote(`${subject} left out, as ${reason}: ${names}.`);
}

/** The pictures of a folder that belong to sources, by their stems. */
interface Partners {
  readonly files: ReadonlyMap<string, string>;
  /** The sentences of pictures that are there and cannot be used: there twice, or of a format that is not read. */
  readonly refused: ReadonlyMap<string, string>;
}

/** They are paired as two sources are. */
async function partnersOf(a: string, folder: string): Promise<Partners> {
  const { pairs, problems } = await listPairs({ a, b: folder });
  const refused = problems.filter(({ kind }) => kind !== 'alone');
  return {
    files: new Map(pairs.map((pair) => [pair.stem, pair.b])),
    refused: new Map(refused.map(({ stem, message }) => [stem, message])),
  };
}

async function withTruth(
  pairs: readonly ScoredPair[],
  { a, truth, listener }: { a: string; truth: string; listener: Listener },
): Promise<ScoredPair[]> {
  const { files, refused } = await partnersOf(a, truth);
  const without: ScoredPair[] = [];
  const found = pairs.flatMap((pair) => {
    const file = files.get(pair.stem);
    if (file !== undefined) return [{ ...pair, truth: file }];
    const none = `"${truth}" has no image named ${pair.stem}; add the truth of this pair or remove its sources`;
    listener.onError(pair.stem, new FileError(refused.get(pair.stem) ?? none));
    without.push(pair);
    return [];
  });
  noteLeftOut(without, 'the truth is missing, there twice or of a format that is not read', listener);
  return found;
}

/** Null, and told, where a method's folder cannot be read or has none of the pictures. */
async function partnersOrNull(
  name: string,
  path: string,
  { a, listener }: { a: string; listener: Listener },
): Promise<Partners | null> {
  try {
    return await partnersOf(a, path);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    listener.onError(name, error);
    listener.onNote(`${name} is left out: no picture of it was found.`);
    return null;
  }
}

interface Incomplete {
  readonly name: string;
  readonly path: string;
  /** How many pairs there are, and the stems of those that the method has no picture of. */
  readonly total: number;
  readonly lacks: readonly string[];
  readonly partners: Partners;
  readonly listener: Listener;
}

/** Tells that a method lacks pictures and is left out. */
function leaveOut({ name, path, total, lacks, partners: { refused }, listener }: Incomplete): void {
  const missing = lacks.filter((stem) => !refused.has(stem));
  const unusable = lacks.length - missing.length;
  const why = 'the method is left out, as its means would not compare';
  const rest = 'score the pairs that all methods have with --common';
  const sentence =
    missing.length > 0
      ? `"${path}" has no picture for ${missing.length} of ${total} pairs: ${someNames(missing)}; ${why}: add them, or ${rest}`
      : `"${path}" has pictures that cannot be used, ${unusable} of ${total}; ${why}: mend them, or ${rest}`;
  listener.onError(name, new FileError(sentence));
  const twice =
    unusable > 0 ? `, ${unusable} of these being there twice or of a format that is not read` : '';
  listener.onNote(`${name} is left out: it lacks ${lacks.length} of ${total} pictures${twice}.`);
}
