import { type Command, choice, createProgram, untilInterrupted, wholeNumber } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { PRESET_NAMES, type TrainConfig } from './config.js';
import { configFileLayers } from './config-file.js';
import { completed, type Layer, labelIn, presetLayer } from './configure.js';
import { ENGINE_NAMES } from './engine.js';
import { addSettingFlags, flagLayer, flagOf } from './flags.js';
import type { TrainingOptions } from './options.js';
import { resumedConfig } from './resume.js';
import { runTraining, type TrainingReport } from './training.js';
import { version } from './version.js';
import type { ViewOptions } from './view.js';
import { PORT_HELP, portNumber } from './watch/port.js';

interface Flags {
  readonly out: string;
  readonly config?: string;
  readonly preset?: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly watch: boolean;
  readonly watchPort?: number | null;
  readonly watchPair?: string | null;
  readonly viewEvery: number;
}

const EXAMPLES = [
  'npm run train -- --data synthetic --task ivif --out runs/first --epochs 2 --dim 8 --blocks 1 --heads 4',
  'npm run train -- --data pictures/train --a ir --b vi --task ivif --out runs/ivif --preset small',
  'npm run train -- --out runs/ivif --resume',
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
  program
    .requiredOption('--out <run>', 'the folder for config.json, log.jsonl, the weights and the checkpoints')
    .option('--resume', 'go on from the newest checkpoint in --out; without one, begin', false)
    .option('--overwrite', 'replace the training that the run folder holds', false)
    .option(
      '--preset <name>',
      "paper (the authors' settings) or small (an hour on two cores), under all other settings",
      choice('--preset', PRESET_NAMES),
    )
    .option('--config <file>', 'settings as YAML or JSON, under those given as flags')
    .option('--json', 'print a report for machines at the end', false)
    .option('--quiet', 'show no progress', false);
  viewFlags(program);
  addSettingFlags(program);
  program.addOption(
    program
      .createOption('--backend <name>', 'another name of --engine')
      .argParser(choice('--backend', ENGINE_NAMES))
      .conflicts('engine'),
  );
  return program.action((flags: Flags & { backend?: TrainConfig['engine'] }) => act(flags));
}

function viewFlags(program: Command): void {
  program
    .option('--watch', 'serve a page, to this machine only, that shows the training', false)
    .option('--watch-port <n>', PORT_HELP, portNumber('--watch-port'))
    .option('--watch-pair <name>', 'the pair to show (default: the first to meta-test on)')
    .option(
      '--view-every <n>',
      'updates between two looks at that pair, kept in <run>/view; 0 for none',
      wholeNumber('--view-every', { atLeast: 0 }),
      50,
    );
}

async function act({ backend, ...flags }: Flags & { backend?: TrainConfig['engine'] }): Promise<void> {
  const { out, overwrite, quiet, json, resume } = flags;
  if (resume && overwrite) {
    throw new OptionError('--resume goes on with what --overwrite would remove, so give one of them');
  }
  const given = flagLayer({ ...flags, ...(backend ? { engine: backend } : {}) });
  const layers = [...(await lowerLayers(flags)), given];
  const { config, notes } = resume
    ? await resumedConfig(out, layers)
    : { config: completed(layers), notes: [] };
  const label = labelIn(layers);
  const report = await interruptible(config, {
    out,
    overwrite,
    resume,
    quiet,
    view: viewOf(flags),
    label,
    notes,
  });
  if (!report) {
    process.stderr.write(`${out}: stopped before the first update, nothing has changed\n`);
    return;
  }
  // Not over the exit code of an interruption.
  if (report.problems.length > 0) process.exitCode ||= 2;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`);
}

/** Trains until Ctrl+C and the like; null where that came before the training had begun. */
function interruptible(config: TrainConfig, options: TrainingOptions): Promise<TrainingReport | null> {
  return untilInterrupted(async (stop) => {
    const stopping = 'stopping after this step; once more stops at once';
    try {
      return await runTraining(config, { ...options, stop, stopping });
    } catch (error) {
      if (stop.aborted && error === stop.reason) return null;
      throw error;
    }
  });
}

function viewOf({ watch, watchPort = null, watchPair = null, viewEvery }: Flags): ViewOptions {
  return { every: viewEvery, pair: watchPair, watch: watch ? { port: watchPort } : null };
}

/** What stands below the flags: a preset, and a file; a preset that is named on the command line replaces the file's. */
async function lowerLayers({ config, preset }: Flags): Promise<Layer[]> {
  const [filePreset, file] = config === undefined ? [] : await configFileLayers(config);
  const named = preset === undefined ? filePreset : presetLayer(preset, flagOf);
  return [named, file].filter((layer) => layer !== undefined);
}

/** The report in a few lines. */
function summary(report: TrainingReport): string {
  const losses = Object.entries(report.losses).map(
    ([loss, { first, last }]) => `  ${loss}: ${first.toPrecision(4)} -> ${last.toPrecision(4)}`,
  );
  const { out, stopped } = report;
  const head = stopped
    ? `${out}: stopped and saved after update ${stopped.update} of ${stopped.of}; go on with --out ${out} --resume`
    : `${out}: ${report.metaSteps} meta-steps and ${report.fusionUpdates} fusion updates on ${report.pairs} pairs in ${report.seconds.toFixed(0)} s`;
  return [head, 'mean loss over the first and the last tenth of the updates:', ...losses].join('\n');
}
