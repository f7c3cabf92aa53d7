import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorLine, expectOtherFolder, prepareOutputFolder } from '@refusion/cli';
import { FileError, OptionError } from '@refusion/core';
import { FORMATS, type FormatName, formatOfFile } from '../formats/formats.js';
import { writeResults } from '../formats/write-results.js';
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
 * @returns 2 if a source has no partner, a method had to be left out, or a file for results could not be written
 * @throws RefusionError if an option is wrong or no file can be made where results are to be
 */
export async function runMetrics(options: MetricsOptions, { stdout, stderr }: Streams): Promise<ExitCode> {
  const { out = [], workers, resume, quiet = false, perImage = false, stats = false, digits } = options;
  const study = await studyOf(options);
  const files = out.map((path) => ({ path, format: options.format ?? formatOfFile(path) }));
  for (const path of out) await prepareOutput(path, study, options);
  const { results, errors } = await scoreStudy(study, { workers, resume, quiet, stderr });
  if (results.dataSets.length === 0) {
    for (const path of out) await tellOfOlder(path, stderr);
    return 2;
  }
  const board = { perImage, stats, digits };
  if (out.length === 0) stdout.write(FORMATS[options.format ?? 'table'](results, board));
  const unwritten = await writeResults(files, results, { board, stderr });
  return errors + unwritten > 0 ? 2 : 0;
}

/** A file that is named for results and not written must not look like the results of this run. */
async function tellOfOlder(path: string, stderr: Streams['stderr']): Promise<void> {
  if (!(await stat(path).catch(() => null))) return;
  const error = new FileError(`nothing could be scored; "${path}" is of an earlier run and is left as it is`);
  stderr.write(`${errorLine(error)}\n`);
}

/**
 * @throws OptionError if results would stand among pictures or replace a file that is read; FileError if they cannot be
 * written
 */
async function prepareOutput(
  path: string,
  { dataSets }: Study,
  { resume, config }: MetricsOptions,
): Promise<void> {
  for (const [option, other] of Object.entries({ '--resume': resume, '--config': config })) {
    if (other === undefined || !(await isSameFile(path, other))) continue;
    throw new OptionError(
      `--out and ${option} both name "${path}", which would be replaced; choose another name`,
    );
  }
  const folders = dataSets.flatMap(({ a, b, truth, methods }) => [
    ['--a', a],
    ['--b', b],
    ...(truth === undefined ? [] : [['--truth', truth]]),
    ...methods.map((method) => [`--fused ${method.name}`, method.path]),
  ]);
  await expectOtherFolder(dirname(path), Object.fromEntries(folders));
  await prepareOutputFolder(dirname(path));
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw new FileError(`--out "${path}" is a folder; name a file in it`);
}

/** Whether two paths are those of one file, which need not be there yet. */
async function isSameFile(p: string, q: string): Promise<boolean> {
  if (resolve(p) === resolve(q)) return true;
  const [one, other] = [await stat(p).catch(() => null), await stat(q).catch(() => null)];
  return one !== null && one.dev === other?.dev && one.ino === other.ino;
}
