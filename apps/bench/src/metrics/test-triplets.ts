import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { parseResults } from '../results/read-results.js';
import { type MethodResults, ofMetric, type Results } from '../results/results.js';
import { bench, type Outcome } from '../test-bench.js';

/** For tests: where the synthetic triplets are. */
export const FIXTURES = new URL('../../../../fixtures/metrics-own/', import.meta.url);

/** Synthetic triplets and what the Python Evaluator gave for them. */
interface Golden {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly f: string;
  readonly float64: { readonly [metric: string]: number };
}

/** For tests: the triplets, in the order of their ids. */
export const { triplets }: { triplets: readonly Golden[] } = JSON.parse(
  await readFile(new URL('metrics-own.json', FIXTURES), 'utf8'),
);

/** For tests: the id of the first triplet. */
export const first = triplets[0]?.id as string;

/** For tests: folders of triplets, made anew for each test. */
export interface Triplets {
  /** The folder that has the folders `a`, `b` and `f` of the triplets. */
  readonly path: (...names: string[]) => string;
  /** Makes a further folder of the triplets' sources or fused images. */
  readonly copy: (kind: 'a' | 'b' | 'f', name: string) => Promise<void>;
  /** Runs `bench metrics` on the sources. */
  readonly metrics: (...args: string[]) => Promise<Outcome>;
  /** The options for a method whose folder has its name, or another. */
  readonly fused: (name: string, folder?: string) => string[];
}

/** For tests: sets up folders before each test of a file and removes them after it. */
export function useTriplets(): Triplets {
  let folder = '';
  const path = (...names: string[]) => join(folder, ...names);
  const copy = async (kind: 'a' | 'b' | 'f', name: string): Promise<void> => {
    await mkdir(path(name));
    for (const triplet of triplets) {
      await copyFile(new URL(triplet[kind], FIXTURES), path(name, `${triplet.id}.png`));
    }
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-metrics-'));
    for (const kind of ['a', 'b', 'f'] as const) await copy(kind, kind);
  });
  afterEach(() => rm(folder, { recursive: true }));
  return {
    path,
    copy,
    metrics: (...args) => bench('metrics', '--a', path('a'), '--b', path('b'), ...args),
    fused: (name, where = name) => ['--fused', `${name}=${path(where)}`],
  };
}

/** For tests: the results that a command printed as JSON. */
export function resultsOf({ stdout }: { stdout: string }): Results {
  return parseResults(stdout, 'stdout');
}

/** For tests: the results of the methods of the only data set. */
export function methodsOf(outcome: { stdout: string }): readonly MethodResults[] {
  const { dataSets } = resultsOf(outcome);
  expect(dataSets).toHaveLength(1);
  return dataSets[0]?.methods ?? [];
}

export function scoresOf(method: MethodResults | undefined, id: string): readonly number[] {
  return method ? ofMetric(method.scores, id) : [];
}

export function meanOf(method: MethodResults | undefined, id: string): number {
  return method ? ofMetric(method.summary, id).mean : Number.NaN;
}
