import { dirname, resolve } from 'node:path';
import { errorLine, prepareOutputFolder, printable } from '@refusion/cli';
import { FileError, OptionError, RefusionError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import { readResults } from '../results/read-results.js';
import type { DataSetResults, Results } from '../results/results.js';
import type { ExitCode, Streams } from '../streams.js';
import { VERSION } from '../version.js';
import { changedPictures } from './changed-pictures.js';
import type { Html } from './html.js';
import { page } from './page.js';
import { pictureGrid } from './picture-grid.js';
import { expectShown, type Shown, shownPairs } from './show.js';

export interface ReportOptions {
  /** The page. */
  readonly out: string;
  readonly title: string;
  readonly digits: number;
  /** The pairs whose pictures are shown; if left out, the first few of each data set. */
  readonly show?: readonly Shown[];
  /** False to show none. */
  readonly pictures: boolean;
  readonly quiet?: boolean;
}

/**
 * `bench report`: a page of one or more files of results.
 * @returns 2 if pictures could not be shown
 * @throws RefusionError if a file of results cannot be read, an option is wrong, or the page cannot be written
 */
export async function runReport(
  files: readonly string[],
  options: ReportOptions,
  { stdout, stderr }: Streams,
): Promise<ExitCode> {
  const { out, title, digits, show, quiet = false } = options;
  const results = await readAll(files, out);
  const dataSets = results.flatMap((each) => each.dataSets);
  expectShown(dataSets, show);
  await prepareOutputFolder(dirname(out));
  let errors = 0;
  const report = (dataSet: DataSetResults, error: RefusionError): void => {
    errors++;
    stderr.write(`${errorLine(error, dataSet.name)}\n`);
  };
  const pictures = options.pictures ? await pictureGrids(dataSets, show, report) : new Map();
  const warnings = new Map<DataSetResults, string>();
  for (const dataSet of dataSets) {
    const changed = await changedPictures(dataSet);
    if (changed === null) continue;
    warnings.set(dataSet, changed);
    stderr.write(`${printable(`warning: ${dataSet.name}: ${changed}`)}\n`);
  }
  await writeFileAtomic(out, page({ title, results, pictures, warnings, digits, version: VERSION }));
  if (!quiet) stdout.write(`${out}\n`);
  return errors > 0 ? 2 : 0;
}

/** @throws OptionError if a file is named twice, or is to be the page; FileError if one has nothing to show */
async function readAll(files: readonly string[], out: string): Promise<Results[]> {
  const paths = files.map((file) => resolve(file));
  if (paths.includes(resolve(out))) {
    throw new OptionError(`--out ${out} is a file of results; choose another name for the page`);
  }
  const twice = paths.findIndex((path, place) => paths.indexOf(path) < place);
  if (twice >= 0) throw new OptionError(`"${files[twice]}" is named twice; name each file of results once`);
  const results: Results[] = [];
  for (const file of files) {
    const read = await readResults(file);
    if (read.dataSets.length === 0) throw new FileError(`"${file}" has no data set that could be scored`);
    results.push(read);
  }
  return results;
}

/** A pair of which a picture cannot be shown is told, and left out. */
async function pictureGrids(
  dataSets: readonly DataSetResults[],
  show: readonly Shown[] | undefined,
  report: (dataSet: DataSetResults, error: RefusionError) => void,
): Promise<Map<DataSetResults, Html[]>> {
  const grids = new Map<DataSetResults, Html[]>();
  for (const dataSet of dataSets) {
    const shown: Html[] = [];
    for (const pair of shownPairs(dataSet, show)) {
      try {
        shown.push(await pictureGrid(dataSet, pair));
      } catch (error) {
        if (error instanceof OptionError || !(error instanceof RefusionError)) throw error;
        report(dataSet, error);
      }
    }
    grids.set(dataSet, shown);
  }
  return grids;
}
