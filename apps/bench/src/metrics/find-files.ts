import { FileError, RefusionError } from '@refusion/core';
import { listPairs } from '@refusion/data/node';
import type { ScoredPair } from '../results/results.js';
import type { DataSet } from './study.js';

/** How many missing pictures a message names. */
const NAMED = 20;

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
  const pairs = truth === undefined ? both : await withTruth(both, { a, truth, listener });
  const found: MethodFiles[] = [];
  for (const { name, path } of methods) {
    const method = { name, path, fused: await fusedOf(name, path, { a, pairs, listener }) };
    if (method.fused && (common || isComplete(method.fused, { ...method, pairs, listener }))) {
      found.push({ name, fused: method.fused });
    }
  }
  return { pairs, methods: found };
}

/** The pictures of a folder that belong to sources, by their stems: they are paired as two sources are. */
async function partnersOf(a: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const { pairs } = await listPairs({ a, b: folder });
  return new Map(pairs.map((pair) => [pair.stem, pair.b]));
}

async function withTruth(
  pairs: readonly ScoredPair[],
  { a, truth, listener }: { a: string; truth: string; listener: Listener },
): Promise<ScoredPair[]> {
  const truths = await partnersOf(a, truth);
  return pairs.flatMap((pair) => {
    const found = truths.get(pair.stem);
    if (found !== undefined) return [{ ...pair, truth: found }];
    const message = `"${truth}" has no image named ${pair.stem}; add the truth of this pair or remove its sources`;
    listener.onError(pair.stem, new FileError(message));
    return [];
  });
}

interface Found {
  readonly pairs: readonly ScoredPair[];
  readonly listener: Listener;
}

/** Null, and told, where a method's folder cannot be read or has none of the pictures. */
async function fusedOf(
  name: string,
  path: string,
  { a, pairs, listener }: Found & { a: string },
): Promise<(string | null)[] | null> {
  try {
    const fused = await partnersOf(a, path);
    return pairs.map(({ stem }) => fused.get(stem) ?? null);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    listener.onError(name, error);
    listener.onNote(`${name} is left out: no picture of it was found.`);
    return null;
  }
}

/** Whether a method has all pictures; tells if not. */
function isComplete(
  fused: readonly (string | null)[],
  { name, path, pairs, listener }: Found & { name: string; path: string },
): boolean {
  const missing = pairs.filter((_, index) => fused[index] === null).map(({ stem }) => stem);
  if (missing.length === 0) return true;
  const named = `${missing.slice(0, NAMED).join(', ')}${missing.length > NAMED ? ` and ${missing.length - NAMED} more` : ''}`;
  listener.onError(
    name,
    new FileError(
      `"${path}" has no picture for ${missing.length} of ${pairs.length} pairs: ${named}; the method is left out, as its means would not compare: add them, or score the pairs that all methods have with --common`,
    ),
  );
  listener.onNote(`${name} is left out: it lacks ${missing.length} of ${pairs.length} pictures.`);
  return false;
}
