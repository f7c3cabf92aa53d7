import type { Command } from '@refusion/cli';
import { byteSize, choice, errorLine, formatTable, wholeNumber } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { listPairs } from '@refusion/data/node';
import { PROVIDERS, type Provider } from '@refusion/onnx/node';
import { ENGINE_NAMES, type EngineName } from '../engines.js';
import { given } from '../sources.js';
import type { Streams } from '../streams.js';
import { type BenchResult, runBench } from './run-bench.js';

const DESCRIPTION = [
  'Fuses the pairs of two folders as the program does, reading and writing included, and prints how fast: pairs and',
  'megapixels a second, percentiles of the time that a pair takes, and the peak memory. Engines have started before the',
  'clock does, and compiled their models. A picture without a partner is named and left out; the exit code is then 2. The',
  'results are thrown away.',
].join(' ');

const EXAMPLES = [
  'refusion-fuse bench --weights ivif.safetensors --a infrared --b visible',
  'refusion-fuse bench --weights ivif.safetensors --a infrared --b visible --jobs 1 --rounds 3 --json',
];

interface Options {
  readonly weights?: string;
  readonly a?: string;
  readonly b?: string;
  readonly engine?: EngineName;
  readonly provider?: Provider;
  readonly maxMemory?: number;
  readonly jobs?: number;
  readonly batch: number;
  readonly rounds: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the command `bench`. */
export function addBench(program: Command, streams: Streams): void {
  const count = (option: string) => wholeNumber(option, { atLeast: 1 });
  program
    .command('bench')
    .summary('measure how fast pairs are fused')
    .description(DESCRIPTION)
    .option('--weights <file>', 'the network, as for fusing')
    .option('--a <path>', 'the first sources: a picture or a folder')
    .option('--b <path>', 'the second sources')
    .option(
      '--engine <name>',
      `what computes: ${ENGINE_NAMES.join(', ')} (default: as for fusing)`,
      choice('--engine', ENGINE_NAMES),
    )
    .option(
      '--provider <name>',
      'what onnxruntime computes on, as for fusing',
      choice('--provider', PROVIDERS),
    )
    .option(
      '--max-memory <size>',
      'the most that the program may take, as for fusing',
      byteSize('--max-memory'),
    )
    .option('--jobs <count>', 'pairs side by side, as for fusing', count('--jobs'))
    .option('--batch <count>', 'pairs of one size in one run, as for fusing', count('--batch'), 1)
    .option('--rounds <count>', 'how many times all pairs are fused', count('--rounds'), 1)
    .option('--json', 'print the figures as JSON')
    .option('--quiet', 'print nothing but errors, and the figures')
    .addHelpText('after', ['\nExamples:', ...EXAMPLES.map((line) => `  $ ${line}`)].join('\n'))
    .action((options: Options) => benchCommand(options, streams));
}

async function benchCommand(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { jobs, batch, rounds, quiet = false } = options;
  const weights = given('--weights', options.weights);
  const listing = await listPairs({ a: given('--a', options.a), b: given('--b', options.b) });
  const leftOut = listing.problems.map(({ stem, message }) => ({ stem, message }));
  for (const { stem, message } of leftOut) {
    stderr.write(`${errorLine(new FileError(message), stem)}\n`);
    process.exitCode = 2;
  }
  const result = await runBench({
    weights,
    listing,
    choice: {
      name: options.engine,
      provider: options.provider,
      warn: (sentence) => void (quiet || stderr.write(`bench: ${sentence}\n`)),
    },
    maxMemory: options.maxMemory,
    jobs,
    batch,
    rounds,
    showing: { quiet, stream: stderr },
  });
  stdout.write(`${options.json ? JSON.stringify({ ...result, leftOut }) : table(result)}\n`);
}

function table({ latency, ...result }: BenchResult): string {
  const rows = [
    ['pairs side by side', `${result.jobs}`],
    ['pairs in one run', `${result.batch}`],
    ['pairs', `${result.pairs} in ${result.seconds.toFixed(1)} s`],
    ['pairs a second', result.pairsPerSecond.toFixed(2)],
    ['megapixels a second', result.megapixelsPerSecond.toFixed(3)],
    [
      'seconds of a pair: half, 90 %, 99 % are within',
      [latency.p50, latency.p90, latency.p99].map((value) => value.toFixed(2)).join(', '),
    ],
    ['peak memory', `${Math.round(result.peakMemory / 1e6)} MB`],
  ];
  return formatTable(['engine', result.engine], rows);
}
