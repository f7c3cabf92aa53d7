import { extname } from 'node:path';
import { OptionError } from '@refusion/core';
import type { Results } from '../results/results.js';
import { resultsText } from '../results/results-text.js';
import type { BoardOptions } from './board.js';
import { csvText } from './csv.js';
import { latexText } from './latex.js';
import { markdownText, terminalText } from './text-table.js';

/** The names of the formats that results are written in. */
export const FORMAT_NAMES = ['table', 'csv', 'json', 'md', 'latex'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** Writes results down. The options are for tables: CSV has all digits anyway, and JSON the tests too. */
export const FORMATS: {
  readonly [name in FormatName]: (results: Results, options: BoardOptions) => string;
} = { table: terminalText, csv: csvText, json: resultsText, md: markdownText, latex: latexText };

const EXTENSIONS: Readonly<Record<string, FormatName>> = {
  '.txt': 'table',
  '.csv': 'csv',
  '.json': 'json',
  '.md': 'md',
  '.tex': 'latex',
};

/**
 * The format that a file's extension names.
 * @throws OptionError if it names none
 */
export function formatOfFile(path: string): FormatName {
  const format = EXTENSIONS[extname(path).toLowerCase()];
  if (format) return format;
  throw new OptionError(
    `--out must end in ${Object.keys(EXTENSIONS).join(', ')}, or stand beside --format, got "${path}"`,
  );
}
