import { createRequire } from 'node:module';
import { choice, createProgram, expectOtherFolder, prepareOutputFolder } from '@refusion/cli';
import { listPairs } from '@refusion/data/node';
import { TONES, type Tone } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { ENGINE_NAMES, type EngineName, startEngine } from './engines.js';
import { fusePairs } from './fuse-pairs.js';
import type { Streams } from './streams.js';

// The path is the same from src and from dist.
const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const DESCRIPTION = [
  'Fuses pairs of pictures of one scene with the weights of a fusion network. Pictures of the same name, but for the',
  'extension, in two folders are a pair. Each becomes <name>.png in the output folder, in colour where a source is in',
  'colour. A pair that cannot be fused is named and the others are fused all the same; the exit code is then 2.',
].join(' ');

/** The options as commander gives them. */
interface Options {
  readonly weights: string;
  readonly a: string;
  readonly b: string;
  readonly out: string;
  readonly raw?: true;
  readonly tone: Tone;
  readonly engine: EngineName;
  readonly backend?: EngineName;
  readonly json?: true;
  readonly quiet?: true;
}

/** The program `refusion-fuse`, for `runProgram`. */
export function fuseProgram(streams: Streams = process) {
  const program = createProgram({
    name: 'refusion-fuse',
    description: DESCRIPTION,
    version,
    examples: [
      'refusion-fuse --weights ivif.safetensors --a infrared --b visible --out fused',
      'refusion-fuse --weights ivif.safetensors --a ir.png --b vi.png --out fused --raw --tone clip',
      'refusion-fuse --weights mif.safetensors --a ct --b mri --out fused --json > report.json',
    ],
  });
  return program
    .requiredOption(
      '--weights <file>',
      'the weights of a fusion network: safetensors, or a PyTorch .pth state dict',
    )
    .requiredOption('--a <path>', 'the first sources: a picture or a folder')
    .requiredOption('--b <path>', 'the second sources, in the order that the network was trained with')
    .requiredOption('--out <folder>', 'where the fused pictures go')
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
  const { weights, a, b, out, tone, raw = false, quiet = false } = options;
  const listing = await listPairs({ a, b });
  await expectOtherFolder(out, { '--a': a, '--b': b });
  const engine = await startEngine(options.backend ?? options.engine);
  const fuse = await loadFusion(weights, engine);
  await prepareOutputFolder(out);
  const outcome = await fusePairs(fuse, listing, { out, raw, tone, quiet, stream: stderr });
  fuse.dispose();
  if (options.json) stdout.write(`${JSON.stringify({ weights, engine: engine.name, ...outcome })}\n`);
}
