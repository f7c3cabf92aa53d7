import { createRequire } from 'node:module';
import { choice, createProgram, list, nameAndPath, wholeNumber } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { CONVENTIONS, METRIC_IDS, PAPER_METRICS } from '@refusion/metrics';
import { ENGINES } from '@refusion/tf';
import { FORMAT_NAMES } from './formats/formats.js';
import { type MetricsOptions, runMetrics } from './metrics/command.js';
import { runSpeed, type SpeedCommandOptions } from './speed/command.js';
import type { ExitCode, Streams } from './streams.js';
import { ENGINE_CHOICES, runVerify, type VerifyOptions } from './verify/command.js';

// The path is the same from src and from dist.
const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

type Program = ReturnType<typeof createProgram>;

/** What a program needs from the process it runs in. */
export interface Surroundings {
  readonly streams: Streams;
  /** Called with the exit code when a command has ended. */
  readonly exit: (code: ExitCode) => void;
}

const PROCESS: Surroundings = {
  streams: process,
  exit: (code) => {
    process.exitCode = code;
  },
};

/** The program `refusion-bench`, for `runProgram`. */
export function benchProgram(surroundings: Surroundings = PROCESS): Program {
  const program = createProgram({
    name: 'refusion-bench',
    description: 'Scores fused images, verifies engines number by number, and times them.',
    version,
    examples: [
      'refusion-bench metrics --a ir --b vi --fused ours=fused',
      'refusion-bench verify --engine all',
      'refusion-bench speed --engine wasm --runs 3',
    ],
  });
  addMetrics(program, surroundings);
  addVerify(program, surroundings);
  addSpeed(program, surroundings);
  return program;
}

const METRICS_EXAMPLES = examples([
  'refusion-bench metrics --a ir --b vi --fused ours=fused --fused average=average --stats',
  'refusion-bench metrics --a ir --b vi --fused ours=fused --metrics EN,SSIM --per-image',
  'refusion-bench metrics --config table.yaml --out table.tex --out scores.json',
  'refusion-bench metrics --config table.yaml --resume scores.jsonl --workers 4',
]);

function addMetrics(program: Program, { streams, exit }: Surroundings): void {
  const metrics = program
    .command('metrics')
    .summary('score fused images against their sources')
    .description(
      'Scores fused images against their sources: a row of means for each method, or all that is known as JSON. Pictures with the same name, but for the extension, belong together. Colour is scored by its rounded luminance. A method that lacks a picture is named and left out, and the exit code is 2.',
    )
    .option('--a <folder>', 'the first sources')
    .option('--b <folder>', 'the second sources')
    .option(
      '--fused <NAME=folder>',
      'the fused images of a method and its name in the table; once for each method',
      nameAndPath('--fused'),
    )
    .option('--truth <folder>', 'what fusion should have given, for PSNR-R, SSIM-R and MAE-R')
    .option('--config <file>', 'data sets and methods, in YAML or JSON, in place of the four above');
  addScoring(metrics)
    .addHelpText('after', METRICS_EXAMPLES)
    .action(async (options: MetricsOptions) => exit(await runMetrics(options, streams)));
}

/** What is computed, how, and where it goes. */
function addScoring(command: Program): Program {
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
    .option('--per-image', 'tables also show the scores of each image, which csv and json always hold')
    .option('--stats', 'tables also show deviations, medians, intervals and tests, which json always holds')
    .option('--digits <n>', 'decimal places in tables', decimals, 3)
    .option(
      '--workers <n>',
      'threads that read and score (default: one for each core, fewer where there is little to do)',
      wholeNumber('--workers', { atLeast: 1 }),
    )
    .option('--resume <journal>', 'keep each score in this file at once, and take from it what is known')
    .option('--quiet', 'print nothing but scores and errors');
}

/** More than a float64 has would be noise. */
function decimals(text: string): number {
  const digits = wholeNumber('--digits', { atLeast: 0 })(text);
  if (digits <= 15) return digits;
  throw new OptionError(`--digits must be at most 15, got ${digits}`);
}

/** Files, each once; commander calls it for each. */
function files(path: string, before: readonly string[] = []): readonly string[] {
  if (path !== '' && !before.includes(path)) return [...before, path];
  throw new OptionError(path === '' ? '--out must name a file' : `--out names "${path}" twice`);
}

function addVerify(program: Program, { streams, exit }: Surroundings): void {
  program
    .command('verify')
    .summary('verify engines number by number')
    .description(
      'Recomputes golden meta-steps and prints, for each group of tensors, the worst relative L2 error. The exit code is 1 if an error is above its tolerance or a tensor of a file was not recomputed.',
    )
    .argument('[files...]', 'golden files, .safetensors (default: the small one that comes with the program)')
    .option('--engine <name>', ENGINE_CHOICES.join(', '), choice('--engine', ENGINE_CHOICES), ENGINES[0])
    .option('--json', 'print the verdicts as JSON')
    .addHelpText(
      'after',
      examples(['refusion-bench verify', 'refusion-bench verify --engine all golden/*.safetensors']),
    )
    .action(async (files: string[], options: VerifyOptions) =>
      exit(await runVerify(files, options, streams)),
    );
}

function addSpeed(program: Program, { streams, exit }: Surroundings): void {
  const atLeastOne = (option: string) => wholeNumber(option, { atLeast: 1 });
  program
    .command('speed')
    .summary('time an engine')
    .description(
      'Times an engine: the median seconds of a meta-step, of a fusion update and of fusing one 480x640 pair, with networks of full size. Run it alone on the machine.',
    )
    .option('--engine <name>', ENGINES.join(', '), choice('--engine', ENGINES), ENGINES[0])
    .option('--batch <n>', 'pairs in a training batch', atLeastOne('--batch'), 4)
    .option('--size <n>', 'height and width of a training image', atLeastOne('--size'), 128)
    .option('--runs <n>', 'timed repetitions, after one that is not timed', atLeastOne('--runs'), 5)
    .option('--json', 'print one line of JSON')
    .option('--quiet', 'print nothing but the result')
    .addHelpText(
      'after',
      examples(['refusion-bench speed --json', 'refusion-bench speed --batch 2 --size 64']),
    )
    .action(async (options: SpeedCommandOptions) => exit(await runSpeed(options, streams)));
}

function examples(lines: readonly string[]): string {
  return ['\nExamples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}
