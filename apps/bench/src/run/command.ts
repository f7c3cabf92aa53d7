import { join } from 'node:path';
import { errorLine, expectOtherFolder, type NamedPath, prepareOutputFolder, progress } from '@refusion/cli';
import { FileError, OptionError, RefusionError } from '@refusion/core';
import { listPairs, type PairListing } from '@refusion/data/node';
import { writeFileAtomic } from '@refusion/image-io/node';
import type { EngineName } from '@refusion/tf';
import { FORMATS, formatOfFile } from '../formats/formats.js';
import { scoreStudy } from '../metrics/score-study.js';
import type { DataSet, Study } from '../metrics/study.js';
import { type StudyOptions, studyOf } from '../metrics/study-of.js';
import type { ExitCode, Streams } from '../streams.js';
import { fuseFolder } from './fuse-folder.js';
import { findModel } from './model.js';
import { isFolderName } from './named-weights.js';
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
  readonly engine: EngineName;
  readonly perImage?: boolean;
  readonly stats?: boolean;
  readonly digits: number;
  readonly workers?: number;
  readonly quiet?: boolean;
}

/** The files of scores, in every format that others read. */
const RESULTS = ['results.json', 'results.csv', 'results.md', 'results.tex'];
/** Scores that are known already. */
const JOURNAL = 'scores.jsonl';

/**
 * `bench run`: fuses data sets by models and scores the pictures.
 * @returns 2 if a model could not be used, or a picture not be fused or scored
 * @throws RefusionError if an option is wrong or results cannot be written
 */
export async function runRun(options: RunOptions, { stdout, stderr }: Streams): Promise<ExitCode> {
  const { out, weights, workers, quiet = false, perImage = false, stats = false, digits } = options;
  const study = await studyOf(inData(options), (dataSet) =>
    weights.map(({ name }) => ({ name, path: folderOf(out, dataSet, name) })),
  );
  for (const dataSet of study.dataSets) await expectFolders(options, dataSet);
  await prepareOutputFolder(out);
  const { usable, errors } = await fuseAll(study, options, stderr);
  const dataSets = study.dataSets.map((each) => ({ ...each, methods: each.methods.filter(usable) }));
  const scored = await scoreStudy(
    { ...study, dataSets },
    { workers, resume: join(out, JOURNAL), quiet, stderr },
  );
  if (scored.results.dataSets.length > 0) {
    const board = { perImage, stats, digits };
    for (const name of RESULTS) {
      await writeFileAtomic(join(out, name), FORMATS[formatOfFile(name)](scored.results, board));
    }
    stdout.write(FORMATS.table(scored.results, board));
  }
  return errors + scored.errors > 0 ? 2 : 0;
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
  /** Whether a method's pictures are those of its model now. */
  readonly usable: (method: NamedPath) => boolean;
  readonly errors: number;
}

/** Fuses every data set by every model. What cannot be used is told, and the others are fused. */
async function fuseAll(study: Study, options: RunOptions, stderr: Streams['stderr']): Promise<FuseOutcome> {
  const { weights, engine, tone, color = false, quiet = false } = options;
  const listings = await Promise.all(study.dataSets.map(listingOf));
  const total = listings.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const unusable = new Set<string>();
  let errors = 0;
  for (const [place, { name, path }] of weights.entries()) {
    const bar = progress({ label: `fuse ${name}`, total, stream: stderr, quiet });
    const onError = (about: string, error: RefusionError): void => {
      errors++;
      bar.log(errorLine(error, about));
    };
    try {
      const model = await findModel(path, engine);
      for (const [set, { methods }] of study.dataSets.entries()) {
        const folder = methods[place]?.path as string;
        await fuseFolder(
          model,
          listings[set]?.pairs ?? [],
          { folder, tone, color },
          {
            onPair: bar.step,
            onError: (stem, error) => onError(`${name}: ${stem}`, error),
          },
        );
      }
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      onError(name, error);
      for (const { methods } of study.dataSets) unusable.add(methods[place]?.path as string);
    } finally {
      bar.stop();
    }
  }
  return { usable: ({ path }) => !unusable.has(path), errors };
}

/** None where there are none: the scoring tells why. */
async function listingOf({ a, b }: DataSet): Promise<PairListing> {
  return listPairs({ a, b }).catch((error) => {
    if (!(error instanceof RefusionError)) throw error;
    return { pairs: [], problems: [] };
  });
}
