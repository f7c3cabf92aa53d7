import { errorLine } from '@refusion/cli';
import { RefusionError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import type { Results } from '../results/results.js';
import type { Streams } from '../streams.js';
import type { BoardOptions } from './board.js';
import { FORMATS, type FormatName } from './formats.js';

/** A file for results. */
export interface ResultsFile {
  readonly path: string;
  readonly format: FormatName;
}

/**
 * Writes results to files, each in one piece. One that cannot be written is told on stderr, and the others are written.
 * @returns how many could not be written
 */
export async function writeResults(
  files: readonly ResultsFile[],
  results: Results,
  { board, stderr }: { board: BoardOptions; stderr: Streams['stderr'] },
): Promise<number> {
  let errors = 0;
  for (const { path, format } of files) {
    try {
      await writeFileAtomic(path, FORMATS[format](results, board));
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      errors++;
      stderr.write(`${errorLine(error)}\n`);
    }
  }
  return errors;
}
