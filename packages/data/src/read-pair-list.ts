import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import { type Pair, type PairListing, type PairProblem, stemOf } from './list-pairs.js';
import { MAX_ROWS, type PairRow, rowsOfCsv, rowsOfJson } from './pair-rows.js';

/** The largest list read, in bytes. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;

/**
 * Reads pairs from a list: a `.csv` table with the columns `a`, `b` and, if it likes, `name`, or a `.json` list of such
 * objects. Paths are relative to the list's folder. A name is what results are called; without one it is that of `a`,
 * less folder and extension.
 * @returns the pairs in the list's order, and a problem for each whose pictures are not there.
 * @throws FileError if the list cannot be read, names no pair, or is not such a list (naming the line or item), or if two
 * entries have one name, however it is spelt: results would replace each other.
 * @example
 * const { pairs, problems } = await readPairList('pairs.csv');
 */
export async function readPairList(path: string): Promise<PairListing> {
  const rows = rowsOf(await readText(path), path);
  if (rows.length > MAX_ROWS) {
    throw new FileError(`"${path}" names more than the ${MAX_ROWS} pairs that are read; split it`);
  }
  if (rows.length === 0) throw new FileError(`"${path}" names no pair; add one`);
  const folder = dirname(path);
  const named = rows.map(({ place, a, b, name }) => ({
    place,
    pair: {
      stem: (name ?? stemOf(a)).normalize('NFC'),
      a: resolve(folder, a),
      b: resolve(folder, b),
    },
  }));
  expectNames(named, path);
  const pairs: Pair[] = [];
  const problems: PairProblem[] = [];
  for (const { place, pair } of named) {
    const missing = (await missingFile(pair.a)) ?? (await missingFile(pair.b));
    if (missing === null) pairs.push(pair);
    else problems.push({ stem: pair.stem, message: `"${path}", ${place}: ${missing.message}` });
  }
  return { pairs, problems };
}

async function readText(path: string): Promise<string> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  if (!info.isFile()) throw new FileError(`"${path}" is no file; name a list of pairs, .csv or .json`);
  if (info.size > MAX_LIST_BYTES) {
    throw new FileError(`"${path}" has ${info.size} bytes, more than the ${MAX_LIST_BYTES} that are read`);
  }
  const bytes = await readFile(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(`"${path}" is no text in UTF-8; save it as such`, { cause });
  }
}

function rowsOf(text: string, path: string): PairRow[] {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return rowsOfCsv(text, path);
    case '.json':
      return rowsOfJson(text, path);
    default:
      throw new FileError(`"${path}" is no list of pairs by its name; end it in .csv or .json`);
  }
}

interface Named {
  readonly place: string;
  readonly pair: Pair;
}

/** Names become files of one folder, on disks that may not tell `X` from `x`. */
function expectNames(named: readonly Named[], path: string): void {
  const places = new Map<string, string>();
  for (const { place, pair } of named) {
    const { stem } = pair;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (stem === '' || stem.startsWith('.') || /[/\\\u0000-\u001f]/.test(stem)) {
      throw new FileError(
        `"${path}", ${place}: the name ${JSON.stringify(stem)} is none for a file; leave out folders, line breaks and a dot at its start`,
      );
    }
    const other = places.get(stem.toLowerCase());
    if (other !== undefined) {
      throw new FileError(
        `"${path}", ${other} and ${place}: both results would be called ${JSON.stringify(stem)}; tell them apart by a name`,
      );
    }
    places.set(stem.toLowerCase(), place);
  }
}

async function missingFile(path: string): Promise<FileError | null> {
  return stat(path).then(
    () => null,
    (cause) => fileError('read', path, cause),
  );
}
