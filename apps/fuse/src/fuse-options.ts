import type { Command } from '@refusion/cli';
import { byteSize, choice, wholeNumber } from '@refusion/cli';
import type { ValueRange } from '@refusion/image-io';
import { PROVIDERS, type Provider } from '@refusion/onnx/node';
import { type FrameTone, TONES, type Tone } from '@refusion/pipeline';
import { ENGINE_NAMES, type EngineName } from './engines.js';
import type { SourceOptions } from './sources.js';
import { TASK_NAMES, TASKS, type TaskName } from './tasks.js';
import { valueRange } from './value-range.js';

/** The options of fusing, as commander gives them. */
export interface Options extends SourceOptions {
  readonly weights?: string;
  readonly out?: string;
  readonly task?: TaskName;
  readonly rangeA?: ValueRange;
  readonly rangeB?: ValueRange;
  readonly video?: readonly string[];
  readonly tone?: Tone | FrameTone;
  readonly raw?: true;
  readonly engine?: EngineName;
  readonly provider?: Provider;
  readonly maxMemory?: number;
  readonly backend?: EngineName;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the options, in the order of the help. */
export function addOptions(program: Command): void {
  program.option(
    '--weights <file>',
    'the weights of a fusion network: safetensors, or a PyTorch .pth state dict; or an ONNX fusion model (.onnx)',
  );
  addSourceOptions(program);
  addResultOptions(program);
  addRunOptions(program);
}

function addSourceOptions(program: Command): void {
  const roles = TASK_NAMES.map((name) => `${name} (a ${TASKS[name].a}, b ${TASKS[name].b})`);
  program
    .option('--a <path>', 'the first sources: a picture or a folder')
    .option('--b <path>', 'the second sources, in the order that the network was trained with')
    .option('--pairs <file>', 'in their place, a .csv or .json list with a, b and, where wanted, name')
    .option(
      '--video <files...>',
      'in their place, three files: two videos and the video to make of them, by an ffmpeg that is installed',
    )
    .option('--watch', 'go on watching the folders --a and --b, and fuse each pair once it is complete')
    .option('--task <task>', `what the sources are: ${roles.join(', ')}`, choice('--task', TASK_NAMES))
    .option(
      '--range-a <range>',
      'the values of --a that become black and white: auto, LOW..HIGH or P%..Q% (default: the higher 8 bits)',
      valueRange('--range-a'),
    )
    .option('--range-b <range>', 'the same for --b', valueRange('--range-b'));
}

function addResultOptions(program: Command): void {
  program
    .option('--out <folder>', 'where the fused pictures go')
    .option(
      '--tone <tone>',
      'from the output to a picture: stretch its own extremes to 0..255, clip it at 8 bits, or none, at 16 bits; for videos steady, by extremes that follow those of the frames slowly (default: stretch, for videos steady)',
      choice('--tone', [...TONES, 'steady'] as const),
    )
    .option('--raw', 'also write <name>.npy: float32 [height, width], the output of the network as it is');
}

function addRunOptions(program: Command): void {
  program
    .option(
      '--engine <name>',
      `what computes: ${ENGINE_NAMES.join(', ')} (default: onnx, or wasm where that does not load)`,
      choice('--engine', ENGINE_NAMES),
    )
    .addOption(
      program
        .createOption('--backend <name>', 'another name of --engine')
        .argParser(choice('--backend', ENGINE_NAMES))
        .conflicts('engine'),
    )
    .option(
      '--provider <name>',
      `what the engine onnx computes on, where it starts: ${PROVIDERS.join(', ')} (default: cpu)`,
      choice('--provider', PROVIDERS),
    )
    .option(
      '--max-memory <size>',
      'the most that the program may take, such as 2GB: larger pictures are evaluated in strips, with the same result (default: half of the machine)',
      byteSize('--max-memory'),
    )
    .option(
      '--jobs <count>',
      'pairs that are fused side by side, each in a thread of its own, at most one for each core (default: one for each core, where there are enough pairs and memory)',
      wholeNumber('--jobs', { atLeast: 1 }),
    )
    .option(
      '--batch <count>',
      'pairs of one size that are fused in one run of the network (default: 1)',
      wholeNumber('--batch', { atLeast: 1 }),
    )
    .option('--json', 'print a report on stdout')
    .option('--quiet', 'print nothing but errors, and the report of --json');
}
