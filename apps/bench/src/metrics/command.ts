import { dirname, extname } from 'node:path';
import { errorLine, expectOtherFolder, type NamedPath, prepareOutputFolder, progress } from '@refusion/cli';
import { FileError, RefusionError } from '@refusion/core';
import { listPairs, type Pair } from '@refusion/data/node';
import { writeFileAtomic } from '@refusion/image-io/node';
import { type Convention, METRICS, type Metric, type MetricId, metricsOf } from '@refusion/metrics';
import type { ExitCode, Streams } from '../streams.js';
import { findFused } from './find-fused.js';
import { FORMAT_NAMES, FORMATS, type FormatName } from './formats.js';
import type { Scoring } from './score-image.js';
import { type Method, scoreMethods } from './score-methods.js';
import type { MethodScores } from './scores.js';

/** The metrics that need nothing but the sources and the fused image. */
export const SCORABLE: readonly MetricId[] = METRICS.filter(({ combine }) => combine !== 'truth').map(
  ({ id }) => id,
);

export interface MetricsOptions {
  /** The folders of the sources. */
  readonly a: string;
  readonly b: string;
  /** The methods' folders. */
  readonly fused: readonly NamedPath[];
  /** Short names, of `SCORABLE`; if left out, those of the paper's tables. */
  readonly metrics?: readonly MetricId[];
  readonly convention: Convention;
  /** If left out, the one that the extension of `out` names, else `table`. */
  readonly format?: FormatName;
  /** A file for the scores, in place of stdout. */
  readonly out?: string;
  readonly perImage?: boolean;
  readonly quiet?: boolean;
}

/**
 * `bench metrics`: scores the fused images of one or more methods.
 * @returns 2 if a source has no partner or a method had to be left out
 * @throws RefusionError if nothing can be scored at all
 */
export async function runMetrics(options: MetricsOptions, { stdout, stderr }: Streams): Promise<ExitCode> {
  const { a, b, convention, out, perImage = false, quiet = false } = options;
  const scoring = { convention, metrics: chosenMetrics(options) };
  if (out !== undefined) {
    const folders = {
      '--a': a,
      '--b': b,
      ...Object.fromEntries(options.fused.map(({ name, path }) => [`--fused ${name}`, path])),
    };
    await expectOtherFolder(dirname(out), folders);
    await prepareOutputFolder(dirname(out));
  }
  const { pairs, problems } = await listPairs({ a, b });
  const bar = progress({ label: 'metrics', total: pairs.length, stream: stderr, quiet });
  let errors = 0;
  const report = (about: string, error: RefusionError): void => {
    errors++;
    bar.log(errorLine(error, about));
  };
  for (const { stem, message } of problems) report(stem, new FileError(message));
  const work = { pairs, step: () => bar.step(), report };
  const methods = await score(options, scoring, work).finally(bar.stop);
  if (methods.length > 0) {
    const text = FORMATS[formatOf(options)]({ ...scoring, methods }, perImage);
    if (out === undefined) stdout.write(text);
    else await writeFileAtomic(out, text);
  }
  return errors > 0 ? 2 : 0;
}

interface Work {
  readonly pairs: readonly Pair[];
  readonly step: () => void;
  readonly report: (method: string, error: RefusionError) => void;
}

/** The scores of the methods that can be scored over all pairs; tells of the others. */
async function score(
  { a, fused }: MetricsOptions,
  scoring: Scoring,
  { pairs, step, report }: Work,
): Promise<MethodScores[]> {
  const methods: Method[] = [];
  for (const folder of fused) {
    try {
      methods.push(await findFused(folder, a, pairs));
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      report(folder.name, error);
    }
  }
  return scoreMethods(pairs, methods, scoring, { onPair: step, onError: report });
}

/** In the order asked for. */
function chosenMetrics({ convention, metrics }: MetricsOptions): readonly Metric<MetricId>[] {
  if (!metrics) return metricsOf(convention);
  const known = metricsOf(convention, metrics);
  return [...new Set(metrics)].map((name) => known.find(({ id }) => id === name) as Metric<MetricId>);
}

function formatOf({ format, out = '' }: MetricsOptions): FormatName {
  const extension = extname(out).slice(1);
  return format ?? FORMAT_NAMES.find((name) => name === extension) ?? 'table';
}
