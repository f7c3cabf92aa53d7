import { dirname } from 'node:path';
import { expectOtherFolder, type NamedPath, prepareOutputFolder } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import { type Convention, METRICS, type MetricId, PAPER_METRICS } from '@refusion/metrics';
import { FORMATS, type FormatName, formatOfFile } from '../formats/formats.js';
import type { Results } from '../results/results.js';
import type { ExitCode, Streams } from '../streams.js';
import { scoreStudy } from './score-study.js';
import type { DataSet, Study } from './study.js';
import { readStudyFile, type StudyFile } from './study-file.js';

export interface MetricsOptions {
  /** The folders of the sources. */
  readonly a?: string;
  readonly b?: string;
  /** The methods' folders. */
  readonly fused?: readonly NamedPath[];
  /** The folder of what fusion should have given. */
  readonly truth?: string;
  /** A file of data sets, in place of the four above. */
  readonly config?: string;
  /** Short names; if left out, those of the paper's tables, and with a truth those that need one. */
  readonly metrics?: readonly MetricId[];
  readonly convention?: Convention;
  /** Score the pairs that all methods have. */
  readonly common?: boolean;
  /** If left out, `table` on stdout and in a file the one that its extension names. */
  readonly format?: FormatName;
  /** Files for the scores, in place of stdout. */
  readonly out?: readonly string[];
  readonly perImage?: boolean;
  readonly stats?: boolean;
  readonly digits: number;
  readonly workers?: number;
  /** A journal to go on with. */
  readonly resume?: string;
  readonly quiet?: boolean;
}

/** What one data set is called where it has no name. */
const UNNAMED = 'data';

/** The metrics that need the truth. */
const OF_TRUTH: readonly MetricId[] = METRICS.filter(({ combine }) => combine === 'truth').map(
  ({ id }) => id,
);

/**
 * `bench metrics`: scores the fused images of one or more methods on one or more data sets.
 * @returns 2 if a source has no partner or a method had to be left out
 * @throws RefusionError if an option is wrong or a file for results cannot be written
 */
export async function runMetrics(options: MetricsOptions, { stdout, stderr }: Streams): Promise<ExitCode> {
  const { out = [], workers, resume, quiet = false } = options;
  const study = await studyOf(options);
  const formats = out.map((path) => options.format ?? formatOfFile(path));
  for (const path of out) await prepareOutput(path, study);
  const { results, errors } = await scoreStudy(study, { workers, resume, quiet, stderr });
  if (results.dataSets.length > 0) {
    if (out.length === 0) stdout.write(textOf(results, options.format ?? 'table', options));
    for (const [index, path] of out.entries()) {
      await writeFileAtomic(path, textOf(results, formats[index] as FormatName, options));
    }
  }
  return errors > 0 ? 2 : 0;
}

function textOf(
  results: Results,
  format: FormatName,
  { perImage = false, stats = false, digits }: MetricsOptions,
): string {
  return FORMATS[format](results, { perImage, stats, digits });
}

/** @throws OptionError if results would stand among pictures; FileError if they cannot be written */
async function prepareOutput(path: string, { dataSets }: Study): Promise<void> {
  const folders = dataSets.flatMap(({ a, b, truth, methods }) => [
    ['--a', a],
    ['--b', b],
    ...(truth === undefined ? [] : [['--truth', truth]]),
    ...methods.map((method) => [`--fused ${method.name}`, method.path]),
  ]);
  await expectOtherFolder(dirname(path), Object.fromEntries(folders));
  await prepareOutputFolder(dirname(path));
}

/** What the options, and the file that they name, ask for; options go first. */
async function studyOf(options: MetricsOptions): Promise<Study> {
  const file =
    options.config === undefined ? { dataSets: [dataSetOf(options)] } : await fileOf(options, options.config);
  const convention = options.convention ?? file.convention ?? 'evaluator';
  const common = options.common ?? file.common ?? false;
  const asked = options.metrics ?? file.metrics;
  const withTruth = file.dataSets.every(({ truth }) => truth !== undefined);
  const metrics = [...new Set(asked ?? [...PAPER_METRICS, ...(withTruth ? OF_TRUTH : [])])];
  expectTruth(metrics, file.dataSets, options.config);
  return { convention, common, metrics, dataSets: file.dataSets };
}

/** @throws OptionError if folders are given beside the file */
async function fileOf({ a, b, fused, truth }: MetricsOptions, config: string): Promise<StudyFile> {
  const beside = Object.entries({ '--a': a, '--b': b, '--fused': fused, '--truth': truth }).find(
    ([, value]) => value,
  );
  if (beside)
    throw new OptionError(`${beside[0]} and --config exclude each other: name the folders in "${config}"`);
  return readStudyFile(config);
}

/** @throws OptionError if one is missing */
function dataSetOf({ a, b, fused, truth }: MetricsOptions): DataSet {
  if (a !== undefined && b !== undefined && fused !== undefined) {
    return { name: UNNAMED, a, b, truth, methods: fused };
  }
  const missing = Object.entries({ '--a': a, '--b': b, '--fused': fused }).find(
    ([, value]) => value === undefined,
  );
  throw new OptionError(`${missing?.[0]} is missing; give --a, --b and --fused, or --config`);
}

/** @throws OptionError if a metric needs a truth that a data set has not */
function expectTruth(metrics: readonly MetricId[], dataSets: readonly DataSet[], config?: string): void {
  const needs = metrics.find((id) => OF_TRUTH.includes(id));
  const without = dataSets.findIndex(({ truth }) => truth === undefined);
  if (needs === undefined || without < 0) return;
  const where = config === undefined ? '--truth' : `datasets[${without}].truth of "${config}"`;
  throw new OptionError(`--metrics ${needs} compares with a ground truth: give ${where}, or leave it out`);
}
