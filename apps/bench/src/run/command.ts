import { join } from 'node:path';
import { errorLine, expectOtherFolder, type NamedPath, prepareOutputFolder, progress } from '@refusion/cli';
import { FileError, OptionError, RefusionError } from '@refusion/core';
import { listPairs, type PairListing } from '@refusion/data/node';
import { fastestEngine } from '@refusion/pipeline/node';
import { FORMATS, formatOfFile } from '../formats/formats.js';
import { writeResults } from '../formats/write-results.js';
import { lockFile } from '../lock-file.js';
import { scoreStudy } from '../metrics/score-study.js';
import type { DataSet, Study } from '../metrics/study.js';
import { type StudyOptions, studyOf } from '../metrics/study-of.js';
import { removeFile } from '../remove-file.js';
import type { ExitCode, Streams } from '../streams.js';
import { type FuseOptions, fuseFolder } from './fuse-folder.js';
import type { FusingEngine } from './fusing-engine.js';
import { findModel } from './model.js';
import { isFolderName } from './named-weights.js';
import { JOURNAL, LOCK, RESULTS } from './own-files.js';
import type { RunTone } from './tones.js';

export interface RunOptions extends StudyOptions {
  /** The models. */
  readonly weights: readonly NamedPath[];
  /** The folder that those of the sources are in. */
  readonly data?: string;
  /** The folder for pictures and scores. */
  readonly out: string;
  readonly tone: RunTone;
  /** Keep the sources' colour in the fused pictures. */
  readonly color?: boolean;
  /** What computes the weights of ReFusion networks. Default: the fastest. */
  readonly engine?: FusingEngine;
  readonly perImage?: boolean;
  readonly stats?: boolean;
  readonly digits: number;
  readonly workers?: number;
  readonly quiet?: boolean;
}

/**
 * `bench run`: fuses data sets by models and scores the pictures.
 * @returns 2 if a model could not be used, a picture not be fused or scored, or a file of results not be written
 * @throws RefusionError if an option is wrong or another run writes to the folder
 */
export async function runRun(options: RunOptions, streams: Streams): Promise<ExitCode> {
  const { out, weights } = options;
  const study = await studyOf(inData(options), (dataSet) =>
    weights.map(({ name }) => ({ name, path: folderOf(out, dataSet, name) })),
  );
  expectOneFolderEach(study);
  for (const dataSet of study.dataSets) await expectFolders(options, dataSet);
  await prepareOutputFolder(out);
  const release = await lockFile(join(out, LOCK), `--out "${out}"`);
  try {
    return await fuseAndScore(study, options, streams);
  } finally {
    await release();
  }
}

async function fuseAndScore(
  study: Study,
  options: RunOptions,
  { stdout, stderr }: Streams,
): Promise<ExitCode> {
  const { out, workers, quiet = false, perImage = false, stats = false, digits } = options;
  // Those of an earlier run must not look like those of this, should it score nothing.
  for (const name of RESULTS) await removeFile(join(out, name));
  const { dataSets, errors } = await fuseAll(study, options, stderr);
  const scored = await scoreStudy(
    { ...study, dataSets },
    { workers, resume: join(out, JOURNAL), quiet, stderr },
  );
  if (scored.results.dataSets.length === 0) return 2;
  const board = { perImage, stats, digits };
  const files = RESULTS.map((name) => ({ path: join(out, name), format: formatOfFile(name) }));
  const unwritten = await writeResults(files, scored.results, { board, stderr });
  stdout.write(FORMATS.table(scored.results, board));
  return errors + scored.errors + unwritten > 0 ? 2 : 0;
}

/** `--a`, `--b` and `--truth` are folders of `--data`, where that is given. */
function inData({ data, ...options }: RunOptions): StudyOptions {
  if (data === undefined) return options;
  if (options.config !== undefined) {
    throw new OptionError(`--data and --config exclude each other: name the folders in "${options.config}"`);
  }
  const inside = (folder: string | undefined) => folder && join(data, folder);
  return { ...options, a: inside(options.a), b: inside(options.b), truth: inside(options.truth) };
}

function folderOf(out: string, dataSet: string | null, model: string): string {
  if (dataSet !== null && !isFolderName(dataSet)) {
    throw new FileError(`the data set "${dataSet}" has a name that no folder can have; give it another`);
  }
  return dataSet === null ? join(out, model) : join(out, dataSet, model);
}

/** @throws FileError if two data sets would have one folder, where upper case and lower are not told apart */
function expectOneFolderEach({ dataSets }: Study): void {
  const folders = dataSets.map(({ name }) => name.toLowerCase());
  const twice = folders.findIndex((folder, place) => folders.indexOf(folder) < place);
  if (twice >= 0) {
    throw new FileError(
      `the data sets "${dataSets[folders.indexOf(folders[twice] as string)]?.name}" and "${dataSets[twice]?.name}" differ in upper and lower case alone, which folders may not tell apart; rename one`,
    );
  }
}

/** @throws OptionError if fused pictures would replace others, or two methods have one name */
async function expectFolders({ out, weights }: RunOptions, { a, b, truth, methods }: DataSet): Promise<void> {
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) {
    throw new OptionError(
      `--weights and another method are both called "${twice}"; rename one with NAME=file`,
    );
  }
  const others = {
    '--a': a,
    '--b': b,
    ...(truth === undefined ? {} : { '--truth': truth }),
    ...Object.fromEntries(
      methods.slice(weights.length).map(({ name, path }) => [`the method ${name}`, path]),
    ),
  };
  await expectOtherFolder(out, others);
  for (const { path } of methods.slice(0, weights.length)) await expectOtherFolder(path, others);
}

interface FuseOutcome {
  /** Without the methods of models that could not be used, which notes name. */
  readonly dataSets: readonly DataSet[];
  readonly errors: number;
}

/** Fuses every data set by every model. What cannot be used is told, and the others are fused. */
async function fuseAll(study: Study, options: RunOptions, stderr: Streams['stderr']): Promise<FuseOutcome> {
  const listings = await Promise.all(study.dataSets.map(listingOf));
  const total = listings.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const engine = options.engine ?? (await fastestEngine((line) => void stderr.write(`${line}\n`)));
  const unusable = new Map<string, string>();
  let errors = 0;
  for (const [place, { name, path }] of options.weights.entries()) {
    const bar = progress({ label: `fuse ${name}`, total, stream: stderr, quiet: options.quiet ?? false });
    const onError = (about: string, error: RefusionError): void => {
      errors++;
      bar.log(errorLine(error, about));
    };
    const folders = study.dataSets.map(({ methods }) => methods[place]?.path as string);
    try {
      const model = await findModel(path, engine);
      for (const [set, folder] of folders.entries()) {
        const { pairs = [] } = listings[set] ?? {};
        const listener = {
          onPair: bar.step,
          onError: (stem: string, error: RefusionError) => onError(`${name}: ${stem}`, error),
        };
        const pictures = await fuseFolder(model, pairs, fuseOptions(folder, options), listener);
        if (pictures === 0) unusable.set(folder, `${name} is left out: it could not fuse any pair.`);
      }
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      onError(name, error);
      for (const folder of folders) unusable.set(folder, `${name} is left out: its model could not be used.`);
    } finally {
      bar.stop();
    }
  }
  return { dataSets: study.dataSets.map((each) => withoutUnusable(each, unusable)), errors };
}

function fuseOptions(folder: string, { tone, color = false }: RunOptions): FuseOptions {
  return { folder, tone, color };
}

/** @param unusable notes on methods, by their folders */
function withoutUnusable(dataSet: DataSet, unusable: ReadonlyMap<string, string>): DataSet {
  const methods = dataSet.methods.filter(({ path }) => !unusable.has(path));
  const notes = dataSet.methods.flatMap(({ path }) => unusable.get(path) ?? []);
  return { ...dataSet, methods, notes };
}

/** None where there are none: the scoring tells why. */
async function listingOf({ a, b }: DataSet): Promise<PairListing> {
  return listPairs({ a, b }).catch((error) => {
    if (!(error instanceof RefusionError)) throw error;
    return { pairs: [], problems: [] };
  });
}
