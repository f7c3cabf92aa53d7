import { FileError } from '@refusion/core';
import { CsvError, parse } from 'csv-parse/sync';

/** One entry of a pair list, as it stands there. */
export interface PairRow {
  /** Where it stands, for messages: `line 3`, `item 2`. */
  readonly place: string;
  readonly a: string;
  readonly b: string;
  readonly name?: string;
}

const REQUIRED = ['a', 'b'];
const COLUMNS = [...REQUIRED, 'name'];
const WANTED = 'give it a, b and, where you like, name';

const CSV_PROBLEMS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS:
    'it has more or fewer cells than there are columns; quote cells with commas',
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed; close it',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote; write quotes inside a cell twice',
  INVALID_OPENING_QUOTE: 'a quote opens inside a cell; quote the whole cell',
};

/** The pairs that a list may name; tables are read to one more, so that what is longer is told. */
export const MAX_ROWS = 100_000;

/**
 * Reads a table with the columns `a`, `b` and, if it likes, `name`, in small or capital letters: comma-separated, quoted
 * where needed (RFC 4180).
 * @param source names the file in errors.
 * @throws FileError that names the line.
 */
export function rowsOfCsv(text: string, source: string): PairRow[] {
  // Quoted cells may span lines, so that the parser has to say where a record ends.
  type Parsed = { readonly record: Record<string, string>; readonly info: { readonly lines: number } };
  try {
    const rows = parse(text, {
      bom: true,
      columns: (header: string[]) => expectColumns(header, source),
      info: true,
      skip_empty_lines: true,
      to: MAX_ROWS + 1,
      trim: true,
    }) as unknown as Parsed[];
    return rows.map(({ record, info }) => rowOf(record, source, `line ${info.lines}`));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const problem = CSV_PROBLEMS[error.code] ?? oneLine(error.message);
    throw new FileError(`"${source}", line ${error['lines']}: ${problem}`, { cause: error });
  }
}

function expectColumns(header: string[], source: string): string[] {
  const names = header.map((name) => name.toLowerCase());
  const once = names.every((name, i) => names.indexOf(name) === i);
  const unknown = header.find((_, i) => !COLUMNS.includes(names[i] as string));
  if (once && unknown === undefined && REQUIRED.every((name) => names.includes(name))) return names;
  const problem =
    header.length === 1 && unknown?.includes(';')
      ? 'the cells are separated by semicolons; separate them by commas'
      : `the columns are ${header.join(', ')}${unknown === undefined ? '' : `, of which "${unknown}" is unknown`}; ${WANTED}`;
  throw new FileError(`"${source}", line 1: ${problem}`);
}

/**
 * Reads a list of objects `{ "a": ..., "b": ..., "name": ... }`.
 * @param source names the file in errors.
 * @throws FileError that names the item, counted from 1.
 */
export function rowsOfJson(text: string, source: string): PairRow[] {
  const items = parseJson(text, source);
  if (!Array.isArray(items)) {
    throw new FileError(`"${source}" holds no list; give it [{ "a": "...", "b": "..." }, ...]`);
  }
  return items.map((item: unknown, i) => rowOf(item, source, `item ${i + 1}`));
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FileError(
      `"${source}" is no JSON: ${oneLine((error as Error).message)}; correct it, as in [{ "a": "...", "b": "..." }, ...]`,
      { cause: error },
    );
  }
}

function rowOf(item: unknown, source: string, place: string): PairRow {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  const entries = isObject ? Object.entries(item) : [];
  if (!isObject) throw new FileError(`"${source}", ${place}: it is no pair; ${WANTED}`);
  if (entries.some(([key, value]) => !COLUMNS.includes(key) || typeof value !== 'string')) {
    throw new FileError(`"${source}", ${place}: it has more than text by the names of columns; ${WANTED}`);
  }
  const { a = '', b = '', name = '' } = Object.fromEntries(entries) as Record<string, string>;
  if (a === '' || b === '') {
    throw new FileError(`"${source}", ${place}: ${a === '' ? 'a' : 'b'} is empty; name a picture`);
  }
  return { place, a, b, ...(name === '' ? {} : { name }) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
