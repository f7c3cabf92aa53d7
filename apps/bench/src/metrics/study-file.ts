import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { NamedPath } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import { CONVENTIONS, type Convention, METRIC_IDS, type MetricId } from '@refusion/metrics';
import { parse } from 'yaml';
import { z } from 'zod';
import { validate } from '../validate.js';
import type { DataSet } from './study.js';

/** A file of settings is small; a large one is another file. */
const MAX_BYTES = 1_000_000;

const text = z.string().min(1);
const methods = z
  .record(text, text)
  .describe(
    'The methods: a name for the table, and the folder of its fused pictures; {dataset} in it becomes the name of the data set.',
  );

const dataSet = z
  .strictObject({
    name: text.describe('The name in tables.'),
    a: text.describe('The folder of the first sources.'),
    b: text.describe('The folder of the second sources.'),
    truth: text
      .optional()
      .describe('The folder of what fusion should have given, for PSNR-R, SSIM-R and MAE-R.'),
    methods: methods
      .optional()
      .describe('Methods of this data set, beside those of all; one of the same name replaces it.'),
  })
  .describe('Two folders of sources; pictures of the same name, but for the extension, belong together.');

/** What a file of `bench metrics --config` may say. `schema/table.schema.json` is made of it. */
export const studySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where this schema is, for editors.'),
    convention: z
      .enum(CONVENTIONS)
      .optional()
      .describe('Whose definitions the metrics have; evaluator by default.'),
    metrics: z
      .array(z.enum(METRIC_IDS as readonly [MetricId, ...MetricId[]]))
      .min(1)
      .optional()
      .describe(
        "The metrics, in the order of the table; by default those of the paper's tables, and with truth its three.",
      ),
    common: z
      .boolean()
      .optional()
      .describe(
        'Whether methods that lack pictures are scored over the pairs that all have, in place of being left out.',
      ),
    methods: methods
      .optional()
      .describe('Methods of every data set: a name, and a folder with {dataset} in it.'),
    datasets: z.array(dataSet).min(1).describe('The data sets, in the order of the tables.'),
  })
  .describe('What refusion-bench metrics --config scores. Folders are relative to this file.');

/** The settings of a file; what it leaves out is undefined. */
export interface StudyFile {
  readonly convention?: Convention | undefined;
  readonly metrics?: readonly MetricId[] | undefined;
  readonly common?: boolean | undefined;
  readonly dataSets: readonly DataSet[];
}

/**
 * Reads a file of data sets and methods, YAML or JSON.
 * @param options.needsMethods whether a data set without methods is an error
 * @returns with folders relative to the working directory
 * @throws FileError, naming the field, if it is not such a file
 */
export async function readStudyFile(path: string, { needsMethods = true } = {}): Promise<StudyFile> {
  const {
    datasets,
    methods: shared = {},
    convention,
    metrics,
    common,
  } = validate(studySchema, await readYaml(path), path);
  const dataSets = datasets.map(({ name, a, b, truth, methods: own = {} }, index): DataSet => {
    const field = `datasets[${index}]`;
    if (datasets.findIndex((other) => other.name === name) < index) {
      throw new FileError(`"${path}": ${field}.name is "${name}", as of another data set; choose another`);
    }
    const all = Object.entries({ ...shared, ...own });
    if (all.length === 0 && needsMethods) {
      throw new FileError(
        `"${path}": ${field}.methods is missing; name methods there or, for all data sets, in methods`,
      );
    }
    const from = (folder: string) => (isAbsolute(folder) ? folder : join(dirname(path), folder));
    const folders = all.map(([method, folder]): NamedPath => {
      const where = method in own ? `${field}.methods.${method}` : `methods.${method}`;
      return { name: method, path: from(filled(folder, name, `"${path}": ${where}`)) };
    });
    return { name, a: from(a), b: from(b), truth: truth && from(truth), methods: folders };
  });
  return { convention, metrics, common, dataSets };
}

/** @throws FileError for another placeholder than {dataset} */
function filled(folder: string, name: string, where: string): string {
  const unknown = /\{(?!dataset\})[^}]*\}/.exec(folder);
  if (unknown) throw new FileError(`${where} has ${unknown[0]}, and only {dataset} is known`);
  return folder.replaceAll('{dataset}', name);
}

async function readYaml(path: string): Promise<unknown> {
  const read = async (): Promise<string> => {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new FileError(
        `"${path}" has ${size} bytes, more than any file of data sets; name another for --config`,
      );
    }
    return readFile(path, 'utf8');
  };
  const content = await read().catch((cause) => {
    throw cause instanceof FileError ? cause : fileError('read', path, cause);
  });
  try {
    return parse(content, { prettyErrors: true });
  } catch (cause) {
    const [first] = String((cause as Error).message).split('\n');
    throw new FileError(`"${path}" is neither YAML nor JSON: ${first?.replace(/:$/, '')}`, { cause });
  }
}
