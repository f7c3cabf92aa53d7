// Prints how far this project's results are from the authors', pair by pair, and how fast they are made:
//
//     npm run parity -- --engine onnx --max-memory 150MB --against wasm
//
// The folder (default: shared, beside the repository) has official/ReFusion_<TASK>.pth, and for each task
// official/outputs/<TASK>/<id>.json: { task, a, b, height, width, f32, gray, rgb }. See outputs.ts.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reference } from '@refusion/autodiff';
import { byteSize, choice, createProgram, formatMarkdown, runProgram } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import type { Fuse } from '@refusion/pipeline';
import { loadFusion, onnxStages } from '@refusion/pipeline/node';
import { loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';
import {
  furthest,
  hasOutputs,
  type LevelDifference,
  OFFICIAL_TASKS,
  outputsOf,
  type Parity,
  parityOf,
} from './outputs.js';

const ENGINES = ['onnx', ...TF_ENGINES, 'reference'] as const;
type EngineName = (typeof ENGINES)[number];

interface Options {
  readonly engine: EngineName;
  readonly against?: EngineName;
  readonly maxMemory?: number;
}

const HEAD = [
  'task',
  'pair',
  'size',
  'strips',
  'raw, max',
  'gray by 1',
  'by more',
  'colour by 1',
  'by more',
  's/MP',
];
const LEFT = 4;

const percent = (share: number): string => `${(100 * share).toFixed(4)} %`;
const shares = (levels: LevelDifference | null): string[] =>
  levels === null ? ['-', '-'] : [percent(levels.byOne), percent(levels.byMore)];

async function load(shared: string, task: string, name: EngineName): Promise<Fuse> {
  const engine = name === 'onnx' ? onnxStages() : name === 'reference' ? reference : await loadEngine(name);
  return loadFusion(join(shared, 'official', `ReFusion_${task}.pth`), engine);
}

async function rowsOf(shared: string, task: string, options: Options): Promise<string[][]> {
  const { maxMemory: memory, against } = options;
  const fuse = await load(shared, task, options.engine);
  const other = against && (await load(shared, task, against));
  const outputs = outputsOf(shared, task);
  const parity = (output: (typeof outputs)[number]): Promise<Parity> =>
    parityOf((a, b) => fuse(a, b, { memory }), shared, output);
  // The first picture of an engine waits for its kernels to be made; it is fused once more, below.
  if (outputs[0]) await parity(outputs[0]);
  const rows: string[][] = [];
  for (const output of outputs) {
    const { output: own, raw, gray, color, seconds } = await parity(output);
    const { height, width } = output;
    const inStrips = fuse.wholeMemory(height, width) > (memory ?? Number.MAX_VALUE);
    rows.push([
      task,
      output.id,
      `${width}x${height}`,
      inStrips ? 'yes' : 'no',
      raw.toExponential(1),
      ...shares(gray),
      ...shares(color),
      ((seconds * 1e6) / (height * width)).toFixed(1),
      ...(other ? [furthest(own, (await parityOf(other, shared, output)).output).toExponential(1)] : []),
    ]);
  }
  fuse.dispose();
  other?.dispose();
  return rows;
}

async function printParity(folder: string, options: Options): Promise<void> {
  const shared = resolve(folder);
  if (!hasOutputs(shared)) {
    throw new OptionError(`"${shared}" has no official/outputs, name the folder that has`);
  }
  const rows: string[][] = [];
  for (const task of OFFICIAL_TASKS) rows.push(...(await rowsOf(shared, task, options)));
  const head = options.against ? [...HEAD, `from ${options.against}, max`] : HEAD;
  const align = head.map((_, column) => (column < LEFT ? 'left' : 'right') as 'left' | 'right');
  console.log(formatMarkdown(head, rows, { align }));
}

const program = createProgram({
  name: 'parity',
  description: "Prints how far this project's results are from the authors', and how fast they are made.",
  version: '0.1.0',
})
  .argument(
    '[folder]',
    'has official/ReFusion_<TASK>.pth and official/outputs (default: shared, beside the repository)',
    fileURLToPath(new URL('../../../shared/', import.meta.url)),
  )
  .option('--engine <name>', `what computes: ${ENGINES.join(', ')}`, choice('--engine', ENGINES), 'wasm')
  .option(
    '--against <name>',
    'another engine, to print how far apart their outputs are',
    choice('--against', ENGINES),
  )
  .option(
    '--max-memory <size>',
    'the most that evaluating a network may take; pictures that need more go in strips',
    byteSize('--max-memory'),
  )
  .action(printParity);

await runProgram(program);
