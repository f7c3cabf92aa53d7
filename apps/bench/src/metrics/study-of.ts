import type { NamedPath } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { type Convention, METRICS, type MetricId, PAPER_METRICS } from '@refusion/metrics';
import type { DataSet, Study } from './study.js';
import type { StudyFile } from './study-file.js';

/** The options that say what is scored. */
export interface StudyOptions {
  /** The folders of the sources. */
  readonly a?: string | undefined;
  readonly b?: string | undefined;
  /** The methods' folders. */
  readonly fused?: readonly NamedPath[];
  /** The folder of what fusion should have given. */
  readonly truth?: string | undefined;
  /** A file of data sets, in place of the four above. */
  readonly config?: string;
  /** Short names; if left out, those of the paper's tables, and with a truth those that need one. */
  readonly metrics?: readonly MetricId[];
  readonly convention?: Convention;
  /** Score the pairs that all methods have. */
  readonly common?: boolean;
}

/** Methods of a data set, by its name; null for the only one, which has none. */
export type AddedMethods = (dataSet: string | null) => readonly NamedPath[];

/** What one data set is called where it has no name. */
const UNNAMED = 'data';

/** The metrics that need the truth. */
const OF_TRUTH: readonly MetricId[] = METRICS.filter(({ combine }) => combine === 'truth').map(
  ({ id }) => id,
);

/**
 * What the options, and the file that they name, ask for; options go first.
 * @param added methods of each data set, before those that are named; then none needs to be named
 * @throws OptionError, FileError if the options or the file do not make sense
 */
export async function studyOf(options: StudyOptions, added?: AddedMethods): Promise<Study> {
  const file =
    options.config === undefined
      ? { dataSets: [dataSetOf(options, added)] }
      : await fileOf(options, options.config, added);
  const convention = options.convention ?? file.convention ?? 'evaluator';
  const common = options.common ?? file.common ?? false;
  const asked = options.metrics ?? file.metrics;
  const withTruth = file.dataSets.every(({ truth }) => truth !== undefined);
  const metrics = [...new Set(asked ?? [...PAPER_METRICS, ...(withTruth ? OF_TRUTH : [])])];
  expectTruth(metrics, file.dataSets, options.config);
  return { convention, common, metrics, dataSets: file.dataSets };
}

/** @throws OptionError if folders are given beside the file */
async function fileOf(
  { a, b, fused, truth }: StudyOptions,
  config: string,
  added: AddedMethods | undefined,
): Promise<StudyFile> {
  const beside = Object.entries({ '--a': a, '--b': b, '--fused': fused, '--truth': truth }).find(
    ([, value]) => value,
  );
  if (beside)
    throw new OptionError(`${beside[0]} and --config exclude each other: name the folders in "${config}"`);
  // YAML and its schema take a tenth of a second to load.
  const { readStudyFile } = await import('./study-file.js');
  const file = await readStudyFile(config, { needsMethods: added === undefined });
  if (!added) return file;
  const dataSets = file.dataSets.map((each) => ({
    ...each,
    methods: [...added(each.name), ...each.methods],
  }));
  return { ...file, dataSets };
}

/** @throws OptionError if one is missing */
function dataSetOf({ a, b, fused, truth }: StudyOptions, added: AddedMethods | undefined): DataSet {
  const methods = added ? [...added(null), ...(fused ?? [])] : fused;
  if (a !== undefined && b !== undefined && methods !== undefined) {
    return { name: UNNAMED, a, b, truth, methods };
  }
  const missing = Object.entries({ '--a': a, '--b': b, '--fused': methods }).find(
    ([, value]) => value === undefined,
  );
  const needed = added ? '--a and --b' : '--a, --b and --fused';
  throw new OptionError(`${missing?.[0]} is missing; give ${needed}, or --config`);
}

/** @throws OptionError if a metric needs a truth that a data set has not */
function expectTruth(metrics: readonly MetricId[], dataSets: readonly DataSet[], config?: string): void {
  const needs = metrics.find((id) => OF_TRUTH.includes(id));
  const without = dataSets.findIndex(({ truth }) => truth === undefined);
  if (needs === undefined || without < 0) return;
  const where = config === undefined ? '--truth' : `datasets[${without}].truth of "${config}"`;
  throw new OptionError(`--metrics ${needs} compares with a ground truth: give ${where}, or leave it out`);
}
