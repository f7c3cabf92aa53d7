import { dirname } from 'node:path';
import { expectOtherFolder, prepareOutputFolder } from '@refusion/cli';
import { writeFileAtomic } from '@refusion/image-io/node';
import { FORMATS, type FormatName, formatOfFile } from '../formats/formats.js';
import type { Results } from '../results/results.js';
import type { ExitCode, Streams } from '../streams.js';
import { scoreStudy } from './score-study.js';
import type { Study } from './study.js';
import { type StudyOptions, studyOf } from './study-of.js';

export interface MetricsOptions extends StudyOptions {
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
