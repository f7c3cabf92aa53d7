import { createRequire } from 'node:module';
import { type Command, createProgram } from '@refusion/cli';
import { addBench } from './bench/add-bench.js';
import { addConvert } from './convert/add-convert.js';
import { addFuse } from './fuse-command.js';
import type { Streams } from './streams.js';

// The path is the same from src and from dist.
const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const DESCRIPTION = [
  'Fuses pairs of pictures of one scene with the weights of a fusion network. Pictures of the same name, but for the',
  'extension, in two folders are a pair. Each becomes <name>.png in the output folder, in colour where a source is in',
  'colour. A pair that cannot be fused is named and the others are fused all the same; the exit code is then 2.',
].join(' ');

/** The program `refusion-fuse`, for `runProgram`. */
export function fuseProgram(streams: Streams = process): Command {
  const program = createProgram({
    name: 'refusion-fuse',
    description: DESCRIPTION,
    version,
    examples: [
      'refusion-fuse --weights ivif.safetensors --a infrared --b visible --out fused',
      'refusion-fuse --weights ivif.safetensors --a ir.png --b vi.png --out fused --raw --tone clip',
      'refusion-fuse --weights ivif.safetensors --video ir.mp4 vi.mp4 fused.mp4',
      'refusion-fuse --weights mif.safetensors --a ct --b mri --out fused --json > report.json',
    ],
  });
  // So that `--json` after the name of a command is that command's.
  program.enablePositionalOptions();
  addFuse(program, streams);
  addConvert(program, streams);
  addBench(program, streams);
  return program;
}
