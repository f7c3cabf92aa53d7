import type { Command } from '@refusion/cli';
import { choice } from '@refusion/cli';
import type { Streams } from '../streams.js';
import { TASK_NAMES, type TaskName } from '../tasks.js';
import { type Conversion, convertWeights } from './convert-weights.js';
import { OUTPUT_FORMATS } from './output-formats.js';

const DESCRIPTION = [
  "Writes a network's weights, read from safetensors or from a PyTorch state dict (.pth), in the format that the output's",
  `name asks for: ${OUTPUT_FORMATS.map(({ extension }) => extension).join(', ')}. It may be a fusion network, or the`,
  'proposal or reconstruction network of a training run. Nothing in a state dict is executed. The numbers are kept as',
  'they are, but for float16 and bfloat16, which become float32 without loss. An .onnx file is the whole network, for',
  'pictures of any size, that any ONNX runtime opens; it cannot be converted back.',
].join(' ');

const EXAMPLES = [
  'refusion-fuse convert ReFusion_IVIF.pth ivif.safetensors --task ivif',
  'refusion-fuse convert ivif.safetensors ivif.onnx',
  'refusion-fuse convert runs/ct/fusion.safetensors ct.safetensors --json',
  'refusion-fuse convert runs/ct/proposal.safetensors proposal.onnx',
];

interface Options {
  readonly task?: TaskName;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the command `convert`. */
export function addConvert(program: Command, streams: Streams): void {
  program
    .command('convert')
    .summary('write weights in another format')
    .description(DESCRIPTION)
    .argument('<input>', 'the weights of a network: safetensors, or a PyTorch .pth state dict')
    .argument('<output>', 'the file to write')
    .option(
      '--task <task>',
      `note what the weights were trained for: ${TASK_NAMES.join(', ')}`,
      choice('--task', TASK_NAMES),
    )
    .option('--json', 'print a report on stdout')
    .option('--quiet', 'print nothing but errors, and the report of --json')
    .addHelpText('after', ['\nExamples:', ...EXAMPLES.map((line) => `  $ ${line}`)].join('\n'))
    .action((input: string, output: string, options: Options) =>
      convertCommand(input, output, options, streams),
    );
}

async function convertCommand(
  input: string,
  output: string,
  { task, json, quiet }: Options,
  { stdout, stderr }: Streams,
): Promise<void> {
  const conversion = await convertWeights(input, output, task);
  if (!quiet) stderr.write(`${summary(conversion)}\n`);
  if (json) stdout.write(`${JSON.stringify(conversion)}\n`);
}

function summary({ input, output, kind, network, parameters }: Conversion): string {
  const { dim, blocks, heads, ffn } = network;
  const size = `dim ${dim}, blocks ${blocks}, heads ${heads}, ffn ${ffn}`;
  return `convert: ${input} to ${output}, a ${kind} network of ${parameters} parameters (${size})`;
}
