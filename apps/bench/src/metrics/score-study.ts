import { availableParallelism } from 'node:os';
import { errorLine, progress } from '@refusion/cli';
import { FileError, RefusionError } from '@refusion/core';
import { metricsOf } from '@refusion/metrics';
import type { DataSetResults, MetricInfo, Results } from '../results/results.js';
import { summarise } from '../results/summarise.js';
import type { Streams } from '../streams.js';
import { assemble } from './assemble.js';
import { type Files, findFiles } from './find-files.js';
import { Journal } from './journal.js';
import { type PairOutcome, type PairToScore, pairsToScore, scorePairs } from './score-pairs.js';
import { openScorer } from './scorer.js';
import type { DataSet, Study } from './study.js';

/** How a study is scored; the results do not depend on it. */
export interface ScoringOptions {
  /** How many threads score; chosen from the cores and the number of pictures if left out. */
  readonly workers?: number | undefined;
  /** The path of a journal to go on with, or to start. */
  readonly resume?: string | undefined;
  readonly quiet: boolean;
  readonly stderr: Streams['stderr'];
}

/** Scores of a study, and whether all of it could be scored. */
export interface StudyResults {
  /** Without data sets of which no method could be scored. */
  readonly results: Results;
  /** How many things were left out, each told on stderr. */
  readonly errors: number;
}

/** With fewer pictures for each, threads take longer to start than they save. */
const PICTURES_PER_WORKER = 16;

/** A data set, its files, and what is to be noted. */
interface Found {
  readonly dataSet: DataSet;
  readonly files: Files;
  readonly notes: string[];
}

/** Tells of something that cannot be used, and counts it. */
type Report = (about: string, error: RefusionError) => void;

/**
 * Scores all methods of all data sets. Whatever cannot be scored is told on stderr and the rest is scored all the same.
 * @throws FileError if the journal cannot be used
 */
export async function scoreStudy(study: Study, options: ScoringOptions): Promise<StudyResults> {
  const { stderr, resume } = options;
  const teller = { errors: 0, log: (line: string) => void stderr.write(`${line}\n`) };
  const report: Report = (about, error) => {
    teller.errors++;
    teller.log(errorLine(error, about));
  };
  const notes: string[] = [];
  const leaveOut = ({ name }: DataSet, reason: string) =>
    notes.push(`The data set ${name} is left out: ${reason}.`);
  const journal = resume === undefined ? null : await Journal.open(resume);
  try {
    const found = await findAll(study, report, leaveOut);
    const outcomesOf = await scoreAll(found, study, { ...options, journal, teller, report });
    const dataSets = found.flatMap((each) => {
      const results = resultsOf(each, outcomesOf(each), study, report);
      if (!results) leaveOut(each.dataSet, 'no method could be scored');
      return results ?? [];
    });
    const results = { convention: study.convention, metrics: infoOf(study), dataSets, notes };
    return { results, errors: teller.errors };
  } finally {
    await journal?.close();
  }
}

interface Work extends ScoringOptions {
  readonly journal: Journal | null;
  /** Where errors are told, which a progress bar takes over while it is shown. */
  readonly teller: { log: (line: string) => void };
  readonly report: Report;
}

/** Scores the pairs of all data sets as one queue: between two of them no thread waits. */
async function scoreAll(
  found: readonly Found[],
  { convention, metrics, dataSets }: Study,
  { workers, quiet, stderr, journal, teller, report }: Work,
): Promise<(each: Found) => PairOutcome[]> {
  const pairs = found.flatMap((of) => toScore(of).map((pair) => ({ ...pair, of })));
  const bar = progress({ label: 'metrics', total: pairs.length, stream: stderr, quiet });
  teller.log = bar.log;
  const scorer = openScorer(workers ?? workersFor(pairs));
  try {
    const scoring = { convention, metrics, scorer, journal };
    const outcomes = await scorePairs(pairs, scoring, (index, outcome) => {
      bar.step();
      const { pair, of } = pairs[index] as (typeof pairs)[number];
      tellErrors(pair.stem, outcome, of.files, within(of.dataSet, dataSets, report));
    });
    return (each) => outcomes.filter((_, index) => pairs[index]?.of === each);
  } finally {
    bar.stop();
    await scorer.close();
  }
}

/** None where there is no method. */
function toScore({ files }: Found): PairToScore[] {
  return files.methods.length === 0 ? [] : pairsToScore(files);
}

function workersFor(pairs: readonly PairToScore[]): number {
  const pictures = pairs.reduce((sum, { fused }) => sum + fused.length, 0);
  return Math.max(1, Math.min(availableParallelism(), Math.floor(pictures / PICTURES_PER_WORKER)));
}

async function findAll(
  { dataSets, common }: Study,
  report: Report,
  leaveOut: (dataSet: DataSet, reason: string) => void,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const dataSet of dataSets) {
    const notes = [...(dataSet.notes ?? [])];
    const tell = within(dataSet, dataSets, report);
    try {
      const listener = { onError: tell, onNote: (note: string) => notes.push(note) };
      found.push({ dataSet, files: await findFiles(dataSet, common, listener), notes });
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      report(dataSet.name, error);
      leaveOut(dataSet, 'its pictures cannot be used');
    }
  }
  return found;
}

/** Where there are several data sets, their names stand before what is told. */
function within({ name }: DataSet, { length }: Study['dataSets'], report: Report): Report {
  return length === 1 ? report : (about, error) => report(`${name}: ${about}`, error);
}

/** Null where no method could be scored. */
function resultsOf(
  { dataSet, files, notes }: Found,
  outcomes: readonly PairOutcome[],
  study: Study,
  report: Report,
): DataSetResults | null {
  if (files.methods.length === 0) return null;
  try {
    const scored = assemble({ name: dataSet.name, files, outcomes, notes }, study.common);
    return scored.methods.length === 0 ? null : summarise(scored, infoOf(study));
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    report(dataSet.name, error);
    return null;
  }
}

function tellErrors(stem: string, outcome: PairOutcome, { methods }: Files, report: Report): void {
  if ('sourceError' in outcome) {
    report(stem, new FileError(outcome.sourceError));
    return;
  }
  for (const [index, score] of outcome.scores.entries()) {
    if (score && 'error' in score) report(methods[index]?.name ?? stem, new FileError(score.error));
  }
}

/** The descriptors of the metrics, in the order asked for. */
function infoOf({ convention, metrics }: Study): MetricInfo[] {
  const known = metricsOf(convention, metrics);
  return metrics.flatMap((wanted) =>
    known.filter(({ id }) => id === wanted).map(({ compute: _, ...info }) => info),
  );
}
