import type { Command } from '@refusion/cli';
import { choice, expectOtherFolder, prepareOutputFolder } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { listPairs } from '@refusion/data/node';
import { TONES, type Tone } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { ENGINE_NAMES, type EngineName, startEngine } from './engines.js';
import { fusePairs } from './fuse-pairs.js';
import type { Streams } from './streams.js';

/** The options as commander gives them. */
interface Options {
  readonly weights?: string;
  readonly a?: string;
  readonly b?: string;
  readonly out?: string;
  readonly raw?: true;
  readonly tone: Tone;
  readonly engine: EngineName;
  readonly backend?: EngineName;
  readonly json?: true;
  readonly quiet?: true;
}

/** Makes fusing what the program does where no command is named. */
export function addFuse(program: Command, streams: Streams): void {
  program
    .option('--weights <file>', 'the weights of a fusion network: safetensors, or a PyTorch .pth state dict')
    .option('--a <path>', 'the first sources: a picture or a folder')
    .option('--b <path>', 'the second sources, in the order that the network was trained with')
    .option('--out <folder>', 'where the fused pictures go')
    .option('--raw', 'also write <name>.npy: float32 [height, width], the output of the network as it is')
    .option(
      '--tone <tone>',
      `from the output to brightness: ${TONES.join(' or ')}`,
      choice('--tone', TONES),
      TONES[0],
    )
    .option(
      '--engine <name>',
      `what computes: ${ENGINE_NAMES.join(', ')}`,
      choice('--engine', ENGINE_NAMES),
      ENGINE_NAMES[0],
    )
    .addOption(
      program
        .createOption('--backend <name>', 'another name of --engine')
        .argParser(choice('--backend', ENGINE_NAMES))
        .conflicts('engine'),
    )
    .option('--json', 'print a report on stdout')
    .option('--quiet', 'print nothing but errors, and the report of --json')
    .action((options: Options) => fuseCommand(options, streams));
}

async function fuseCommand(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { tone, raw = false, quiet = false } = options;
  const weights = given('--weights', options.weights);
  const a = given('--a', options.a);
  const b = given('--b', options.b);
  const out = given('--out', options.out);
  const listing = await listPairs({ a, b });
  await expectOtherFolder(out, { '--a': a, '--b': b });
  const engine = await startEngine(options.backend ?? options.engine);
  const fuse = await loadFusion(weights, engine);
  await prepareOutputFolder(out);
  const outcome = await fusePairs(fuse, listing, { out, raw, tone, quiet, stream: stderr });
  fuse.dispose();
  if (options.json) stdout.write(`${JSON.stringify({ weights, engine: engine.name, ...outcome })}\n`);
}

/** Checked here: commander would ask other commands for these options, too. */
function given(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new OptionError(`the option ${option} is missing, see refusion-fuse --help`);
}
