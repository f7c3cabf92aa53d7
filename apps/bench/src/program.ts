import { choice, createProgram, nameAndPath, wholeNumber } from '@refusion/cli';
import { KERNEL_CHOICES } from '@refusion/tf';
import { type CostOptions, runCost } from './cost/command.js';
import { ENGINES } from './engines.js';
import { type MetricsOptions, runMetrics } from './metrics/command.js';
import { addScoreFiles, addScoring, examples, type Program, type Surroundings } from './options.js';
import { addReport } from './report/add-report.js';
import { addRun } from './run/add-run.js';
import { runSpeed, type SpeedCommandOptions } from './speed/command.js';
import { ENGINE_CHOICES, runVerify, type VerifyOptions } from './verify/command.js';
import { VERSION } from './version.js';

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
    description:
      'Scores fused images, makes pages of results, verifies engines number by number, and times them.',
    version: VERSION,
    examples: [
      'refusion-bench metrics --a ir --b vi --fused ours=fused',
      'refusion-bench run --weights ours.safetensors --weights other.onnx --a ir --b vi --out results',
      'refusion-bench report results.json --title "Our method"',
      'refusion-bench verify --engine all',
      'refusion-bench speed --engine wasm --runs 3',
    ],
  });
  addMetrics(program, surroundings);
  addRun(program, surroundings);
  addReport(program, surroundings);
  addVerify(program, surroundings);
  addSpeed(program, surroundings);
  addCost(program, surroundings);
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
  addScoreFiles(addScoring(metrics))
    .addHelpText('after', METRICS_EXAMPLES)
    .action(async (options: MetricsOptions) => exit(await runMetrics(options, streams)));
}

function addVerify(program: Program, { streams, exit }: Surroundings): void {
  program
    .command('verify')
    .summary('verify engines number by number')
    .description(
      'Recomputes golden meta-steps and prints, for each group of tensors, the worst relative L2 error. The exit code is 1 if an error is above its tolerance or a tensor of a file was not recomputed.',
    )
    .argument('[files...]', 'golden files, .safetensors (default: the small one that comes with the program)')
    .option('--engine <name>', ENGINE_CHOICES.join(', '), choice('--engine', ENGINE_CHOICES), 'wasm')
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
    .option('--engine <name>', ENGINES.join(', '), choice('--engine', ENGINES), 'wasm')
    .option('--batch <n>', 'pairs in a training batch', atLeastOne('--batch'), 4)
    .option('--size <n>', 'height and width of a training image', atLeastOne('--size'), 128)
    .option('--runs <n>', 'timed repetitions, after one that is not timed', atLeastOne('--runs'), 5)
    .option(
      '--workers <n>',
      'threads over which onnx spreads the images of a batch (default: all cores)',
      atLeastOne('--workers'),
    )
    .option(
      '--threads <n>',
      'threads of tensorflow, and of onnx where it fuses (default: all cores)',
      atLeastOne('--threads'),
    )
    .option(
      '--kernels <name>',
      `on wasm, whose kernels: ${KERNEL_CHOICES.join(', ')}`,
      choice('--kernels', KERNEL_CHOICES),
      KERNEL_CHOICES[0],
    )
    .option(
      '--against <command>',
      'another program that prints such times as its last line, in JSON; run after every repetition',
    )
    .option('--json', 'print one line of JSON')
    .option('--quiet', 'print nothing but the result')
    .addHelpText(
      'after',
      examples([
        'refusion-bench speed --json',
        'refusion-bench speed --batch 2 --size 64 --kernels stock',
        'refusion-bench speed --runs 3 --against "python3 bench.py --runs 1"',
      ]),
    )
    .action(async (options: SpeedCommandOptions) => exit(await runSpeed(options, streams)));
}

function addCost(program: Program, { streams, exit }: Surroundings): void {
  const atLeastOne = (option: string) => wholeNumber(option, { atLeast: 1 });
  program
    .command('cost')
    .summary('count the operations and bytes of training')
    .description(
      'Counts what `speed` times: the additions and multiplications in convolutions and products, the numbers that other operations compute, and the bytes that go in and out of operations.',
    )
    .option('--batch <n>', 'pairs in a training batch', atLeastOne('--batch'), 4)
    .option('--size <n>', 'height and width of a training image', atLeastOne('--size'), 128)
    .option('--dim <n>', "the networks' width (default: 16)", atLeastOne('--dim'))
    .option('--blocks <n>', 'blocks in each stage (default: 2)', atLeastOne('--blocks'))
    .option('--json', 'print one line of JSON')
    .addHelpText('after', examples(['refusion-bench cost --batch 2 --size 64']))
    .action(async (options: CostOptions) => exit(await runCost(options, streams)));
}
