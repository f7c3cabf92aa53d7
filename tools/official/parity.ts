// Prints how far this project's results are from the authors', pair by pair, and how fast they are made:
//
//     npm run parity -- [folder] [engine]
//
// The folder (default: shared, beside the repository) has official/ReFusion_<TASK>.pth, and for each task
// official/outputs/<TASK>/<id>.json: { task, a, b, height, width, f32, gray, rgb }. See outputs.ts.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatMarkdown } from '@refusion/cli';
import { loadFusion } from '@refusion/pipeline/node';
import { type EngineName, loadEngine } from '@refusion/tf';
import { hasOutputs, type LevelDifference, OFFICIAL_TASKS, outputsOf, parityOf } from './outputs.js';

const beside = fileURLToPath(new URL('../../../shared/', import.meta.url));
const [folder = beside, engineName = 'wasm'] = process.argv.slice(2);
const shared = resolve(folder);
const HEAD = ['task', 'pair', 'size', 'raw, max', 'gray by 1', 'by more', 'colour by 1', 'by more', 's/MP'];

const HELP = [
  'Usage: npm run parity -- [folder] [engine]',
  '',
  "Prints how far this project's results are from the authors', pair by pair, and how fast they are made.",
  '',
  '  folder  has official/ReFusion_<TASK>.pth and official/outputs (default: shared, beside the repository)',
  '  engine  what computes (default: wasm)',
].join('\n');

const percent = (share: number): string => `${(100 * share).toFixed(4)} %`;
const shares = (levels: LevelDifference | null): string[] =>
  levels === null ? ['-', '-'] : [percent(levels.byOne), percent(levels.byMore)];

async function rowsOf(task: string): Promise<string[][]> {
  const fuse = await loadFusion(
    join(shared, 'official', `ReFusion_${task}.pth`),
    await loadEngine(engineName as EngineName),
  );
  const outputs = outputsOf(shared, task);
  // The first picture of an engine waits for its kernels to be made; it is fused once more, below.
  if (outputs[0]) await parityOf(fuse, shared, outputs[0]);
  const rows: string[][] = [];
  for (const output of outputs) {
    const {
      output: { shape },
      raw,
      gray,
      color,
      seconds,
    } = await parityOf(fuse, shared, output);
    const [height = 0, width = 0] = shape;
    const speed = ((seconds * 1e6) / (height * width)).toFixed(1);
    rows.push([
      task,
      output.id,
      `${width}x${height}`,
      raw.toExponential(1),
      ...shares(gray),
      ...shares(color),
      speed,
    ]);
  }
  fuse.dispose();
  return rows;
}

if (process.argv.includes('--help')) {
  console.log(HELP);
} else if (hasOutputs(shared)) {
  const rows: string[][] = [];
  for (const task of OFFICIAL_TASKS) rows.push(...(await rowsOf(task)));
  const right = HEAD.map((_, column) => (column < 3 ? 'left' : 'right') as 'left' | 'right');
  console.log(formatMarkdown(HEAD, rows, { align: right }));
} else {
  console.error(`error: "${shared}" has no official/outputs; name the folder that has`);
  process.exitCode = 2;
}
