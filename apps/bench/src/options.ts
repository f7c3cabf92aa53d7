import { resolve } from 'node:path';
import { choice, type createProgram, list, wholeNumber } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { CONVENTIONS, METRIC_IDS, PAPER_METRICS } from '@refusion/metrics';
import { DEFAULT_CONFIG } from '@refusion/networks';
import { FORMAT_NAMES } from './formats/formats.js';
import type { ExitCode, Streams } from './streams.js';

export type Program = ReturnType<typeof createProgram>;

/** What a program needs from the process it runs in. */
export interface Surroundings {
  readonly streams: Streams;
  /** Called with the exit code when a command has ended. */
  readonly exit: (code: ExitCode) => void;
}

/** Adds what is computed, and how it is shown. */
export function addScoring(command: Program): Program {
  return command
    .option(
      '--metrics <list>',
      `some of ${METRIC_IDS.join(',')} (default: ${PAPER_METRICS.join(',')}, and with a truth the last three)`,
      list('--metrics', choice('--metrics', METRIC_IDS)),
    )
    .option(
      '--convention <name>',
      `whose definitions: ${CONVENTIONS.join(', ')} (default: ${CONVENTIONS[0]})`,
      choice('--convention', CONVENTIONS),
    )
    .option('--common', 'score the pairs that all methods have, in place of leaving methods out')
    .option('--per-image', 'tables also show the scores of each image, which csv and json always hold')
    .option('--stats', 'tables also show deviations, medians, intervals and tests, which json always holds')
    .option('--digits <n>', 'decimal places in tables', decimals, 3)
    .option(
      '--workers <n>',
      'threads that read and score (default: one for each core, fewer where there is little to do)',
      wholeNumber('--workers', { atLeast: 1 }),
    )
    .option('--quiet', 'print nothing but scores and errors');
}

/** More than a float64 has would be noise. */
export function decimals(text: string): number {
  const digits = wholeNumber('--digits', { atLeast: 0 })(text);
  if (digits <= 15) return digits;
  throw new OptionError(`--digits must be at most 15, got ${digits}`);
}

/** The width of networks whose attention has as many heads as the authors'. */
export function networkWidth(text: string): number {
  const dim = wholeNumber('--dim', { atLeast: 1 })(text);
  const { heads } = DEFAULT_CONFIG;
  if (dim % heads === 0) return dim;
  throw new OptionError(`--dim must be a multiple of ${heads}, the number of attention heads, got ${dim}`);
}

/** Adds where the scores go. */
export function addScoreFiles(command: Program): Program {
  return command
    .option(
      '--out <file>',
      'write a file in place of stdout: .txt, .csv, .json, .md, .tex; may be repeated',
      files,
    )
    .option(
      '--format <name>',
      `${FORMAT_NAMES.join(', ')} (default: as the extension of --out says, else table)`,
      choice('--format', FORMAT_NAMES),
    )
    .option('--resume <journal>', 'keep each score in this file at once, and take from it what is known');
}

/** Files, each once; commander calls it for each. */
function files(path: string, before: readonly string[] = []): readonly string[] {
  const isNew = before.every((other) => resolve(other) !== resolve(path));
  if (path !== '' && isNew) return [...before, path];
  throw new OptionError(path === '' ? '--out must name a file' : `--out names "${path}" twice`);
}

/** For the end of a help text. */
export function examples(lines: readonly string[]): string {
  return ['\nExamples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}
