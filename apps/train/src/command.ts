import {
  type Command,
  choice,
  createProgram,
  nonNegativeNumber,
  positiveNumber,
  wholeNumber,
} from '@refusion/cli';
import { OUTER_UPDATES } from '@refusion/meta';
import { DEFAULT_CONFIG } from '@refusion/networks';
import { ENGINES } from '@refusion/tf';

import { checkedConfig, LOSS_NAMES, TASKS, type Task, type TrainConfig } from './config.js';
import { runTraining, type TrainingReport } from './training.js';
import { version } from './version.js';
import { PORT_HELP, portNumber } from './watch/port.js';

type Flags = Omit<TrainConfig, 'a' | 'b' | 'metaSteps' | 'fusionSteps' | 'eta' | 'network'> & {
  readonly a?: string;
  readonly b?: string;
  readonly metaSteps?: number;
  readonly fusionSteps?: number;
  readonly eta?: number;
  readonly out: string;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly watch: boolean;
  readonly watchPort?: number;
  readonly watchPair?: string;
  readonly viewEvery: number;
} & TrainConfig['network'];

const EXAMPLES = [
  'npm run train -- --data synthetic --task ivif --out runs/first --epochs 2 --dim 8 --blocks 1 --heads 4',
  'npm run train -- --data pictures/train --a ir --b vi --task ivif --out runs/ivif --crop 64',
];

/** The command line of the trainer. */
export function trainCommand(): Command {
  const program = createProgram({
    name: 'refusion-train',
    description:
      'Meta-trains a fusion network: P learns the loss, F learns to fuse by it, R tells how much of the sources is left.',
    version,
    examples: EXAMPLES,
  });
  const whole = (option: string, atLeast = 1) => wholeNumber(option, { atLeast });
  dataOptions(program, whole);
  scheduleOptions(program, whole);
  networkOptions(program, whole);
  viewOptions(program, whole);
  program
    .option('--engine <name>', `what computes: ${ENGINES.join(', ')}`, choice('--engine', ENGINES), 'wasm')
    .addOption(
      program
        .createOption('--backend <name>', 'another name of --engine')
        .argParser(choice('--backend', ENGINES))
        .conflicts('engine'),
    )
    .option('--seed <n>', 'of everything random', whole('--seed', 0), 0)
    .option('--overwrite', 'replace the weights that the run folder holds', false)
    .option('--json', 'print a report for machines at the end', false)
    .option('--quiet', 'show no progress', false);
  return program.action((flags: Flags & { backend?: Flags['engine'] }) => act(flags));
}

type Whole = (option: string, atLeast?: number) => (text: string) => number;

function dataOptions(program: Command, whole: Whole): void {
  const tasks = Object.keys(TASKS) as Task[];
  const meanings = Object.entries(TASKS).map(([name, sources]) => `${name} (${sources})`);
  program
    .requiredOption('--data <root>', 'a folder with the folders --a and --b, or "synthetic"')
    .option('--a <folder>', 'pictures of source a below the root: infrared, CT, near, under-exposed')
    .option(
      '--b <folder>',
      'pictures of source b, of the same names and sizes: visible, MRI, far, over-exposed',
    )
    .requiredOption('--out <run>', 'the folder for config.json, log.jsonl and the weights')
    .option('--task <name>', `${meanings.join(', ')}`, choice('--task', tasks), 'ivif')
    .option('--scenes <n>', 'synthetic scenes to draw', whole('--scenes', 2), 64)
    .option('--batch <n>', 'pairs in a batch', whole('--batch'), 2)
    .option('--crop <n>', 'side of the square crops, in pixels', whole('--crop', 8), 64)
    .option('--no-exchange', 'do not also feed every pair with its sources exchanged');
}

function scheduleOptions(program: Command, whole: Whole): void {
  program
    .option('--epochs <n>', 'each has meta-steps and then fusion updates', whole('--epochs'), 10)
    .option(
      '--meta-steps <n>',
      'in an epoch (default: once through half of the pairs, at most 600)',
      whole('--meta-steps', 0),
    )
    .option('--fusion-steps <n>', 'in an epoch (default: once through the pairs)', whole('--fusion-steps', 0))
    .option('--inner-steps <n>', 'of a meta-step', whole('--inner-steps'), 1)
    .option('--accumulate <n>', 'meta-steps to an update of P', whole('--accumulate'), 2)
    .option('--lr <x>', 'learning rate of F and R', positiveNumber('--lr'), 1e-3)
    .option('--outer-lr <x>', 'learning rate of P', positiveNumber('--outer-lr'), 3e-4)
    .option('--eta <x>', 'inner step size (default: the learning rate)', positiveNumber('--eta'))
    .option('--decay <x>', 'of the learning rate, every --decay-every epochs', positiveNumber('--decay'), 0.1)
    .option('--decay-every <n>', 'epochs', whole('--decay-every'), 10)
    .option(
      '--outer <name>',
      `how P is updated: ${OUTER_UPDATES.join(', ')}`,
      choice('--outer', OUTER_UPDATES),
      'normalised',
    )
    .option(
      '--loss <name>',
      `the fusion loss: ${LOSS_NAMES.join(', ')}`,
      choice('--loss', LOSS_NAMES),
      'learnable',
    )
    .option(
      '--alpha-f <x>',
      'weight of its gradient part; "ramp" rises to 1 over the epochs, as in the paper',
      (text: string) => (text === 'ramp' ? text : nonNegativeNumber('--alpha-f')(text)),
      1,
    )
    .option(
      '--alpha-r <x>',
      "weight of the reconstruction loss's gradient part",
      nonNegativeNumber('--alpha-r'),
      1,
    );
}

function networkOptions(program: Command, whole: Whole): void {
  const { dim, blocks, heads, ffn } = DEFAULT_CONFIG;
  program
    .option('--dim <n>', 'channels of the networks', whole('--dim'), dim)
    .option('--blocks <n>', 'transformer blocks in each part', whole('--blocks'), blocks)
    .option('--heads <n>', 'attention heads; must divide --dim', whole('--heads'), heads)
    .option('--ffn <x>', 'expansion of the feed-forward parts', positiveNumber('--ffn'), ffn);
}

function viewOptions(program: Command, whole: Whole): void {
  program
    .option('--watch', 'serve a page, to this machine only, that shows the training', false)
    .option('--watch-port <n>', PORT_HELP, portNumber('--watch-port'))
    .option('--watch-pair <name>', 'the pair to show (default: the first to meta-test on)')
    .option(
      '--view-every <n>',
      'updates between two looks at that pair, kept in <run>/view; 0 for none',
      whole('--view-every', 0),
      50,
    );
}

async function act(given: Flags & { backend?: Flags['engine'] }): Promise<void> {
  const { dim, blocks, heads, ffn, out, overwrite, json, quiet, backend, ...others } = given;
  const { watch, watchPort = null, watchPair = null, viewEvery, ...flags } = others;
  const config = checkedConfig({
    ...flags,
    engine: backend ?? flags.engine,
    a: flags.a ?? null,
    b: flags.b ?? null,
    metaSteps: flags.metaSteps ?? null,
    fusionSteps: flags.fusionSteps ?? null,
    eta: flags.eta ?? null,
    network: { dim, blocks, heads, ffn },
  });
  const view = { every: viewEvery, pair: watchPair, watch: watch ? { port: watchPort } : null };
  const report = await runTraining(config, { out, overwrite, quiet, view });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`);
}

/** The report in a few lines. */
function summary(report: TrainingReport): string {
  const losses = Object.entries(report.losses).map(
    ([loss, { first, last }]) => `  ${loss}: ${first.toPrecision(4)} -> ${last.toPrecision(4)}`,
  );
  return [
    `${report.out}: ${report.metaSteps} meta-steps and ${report.fusionUpdates} fusion updates on ${report.pairs} pairs in ${report.seconds.toFixed(0)} s`,
    'mean loss over the first and the last tenth of the updates:',
    ...losses,
  ].join('\n');
}
