// Times the stages of a meta-step, of one image on one thread: in blocks and by public operators, in alternation.
import { parseArgs } from 'node:util';
import type { Ops, Tensor } from '@refusion/autodiff';
import { type CompileOptions, compile, type InputSpec, type ModelFunction } from '@refusion/onnx';
import { type Arrays, chooseBlock, openSession, type Session } from '@refusion/onnx/node';
import { type Stage, stages } from './stages.js';

const { values } = parseArgs({
  options: { size: { type: 'string', default: '128' }, runs: { type: 'string', default: '7' } },
});
const [size, runs] = [Number(values.size), Number(values.runs)];
const { block, reason } = await chooseBlock();
/** So many more of an operation are timed. */
const ADDITIONAL = 10;

interface Opened {
  readonly session: Session;
  readonly compile_ms: number;
  readonly open_ms: number;
}

async function open(run: ModelFunction, options: CompileOptions): Promise<Opened> {
  const start = performance.now();
  const model = compile(run, options);
  const compiled = performance.now();
  const inBlocks = options.block !== undefined;
  const session = await openSession(model, { threads: 1, optimise: !inBlocks, blocked: inBlocks });
  return { session, compile_ms: compiled - start, open_ms: performance.now() - compiled };
}

/** Milliseconds of a run of each, in turns, after one that is not counted: the median of each. */
async function alternately(sessions: readonly Session[], arrays: Arrays): Promise<number[]> {
  const times = sessions.map((): number[] => []);
  for (let run = 0; run <= runs; run++) {
    for (const [i, session] of sessions.entries()) {
      const start = performance.now();
      await session.run(arrays);
      if (run > 0) times[i]?.push(performance.now() - start);
    }
  }
  return times.map((own) => own.sort((a, b) => a - b)[own.length >> 1] as number);
}

const rounded = (x: number): number => Math.round(10 * x) / 10;

async function measure(name: string, { run, inputs, outputLayouts, values: arrays }: Stage): Promise<void> {
  const inBlocks = block === null ? null : await open(run, { inputs, outputLayouts, block });
  const plain = await open(run, { inputs, outputLayouts });
  const all = [...(inBlocks ? [inBlocks] : []), plain];
  const times = await alternately(
    all.map(({ session }) => session),
    arrays,
  );
  const entries = all.map(({ compile_ms, open_ms }, i) => [
    all.length > 1 && i === 0 ? 'blocked' : 'public',
    { run_ms: rounded(times[i] as number), compile_ms: rounded(compile_ms), open_ms: rounded(open_ms) },
  ]);
  for (const { session } of all) await session.close();
  process.stdout.write(`${JSON.stringify({ stage: name, size, ...Object.fromEntries(entries) })}\n`);
}

/** Milliseconds that one more of an operation takes, on an image of 64 channels. */
async function additional(step: (ops: Ops, x: Tensor, w: Tensor) => Tensor): Promise<number> {
  const [x, w] = [
    [1, size, size, 64],
    [64, 64, 3, 3],
  ] as const;
  const filled = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01);
  const chain = async (count: number): Promise<number> => {
    const run: ModelFunction = (ops, inputs) => {
      let y = ops.conv3x3(inputs['x'] as Tensor, inputs['w'] as Tensor);
      for (let i = 0; i < count; i++) y = step(ops, y, inputs['w'] as Tensor);
      return { y };
    };
    const inputs: Record<string, InputSpec> = { x: { shape: x }, w: { shape: w, layout: 'row-major' } };
    const { session } = await open(run, { inputs, ...(block && { block }) });
    const arrays = { x: { data: filled(x), shape: [1, 64, size, size] }, w: { data: filled(w), shape: w } };
    const [ms] = await alternately([session], arrays);
    await session.close();
    return ms as number;
  };
  const [few, many] = [await chain(1), await chain(1 + ADDITIONAL)];
  return (many - few) / ADDITIONAL;
}

/** What one core reaches at most: products in a large convolution, bytes in a product of an image with itself. */
async function reach(): Promise<void> {
  const convolution = await additional((ops, x, w) => ops.conv3x3(x, w));
  const product = await additional((ops, x) => ops.mul(x, x));
  const numbers = 64 * size * size;
  const reached = {
    gflop_s: rounded((2 * 9 * 64 * numbers) / convolution / 1e6),
    gb_s: rounded((2 * 4 * numbers) / product / 1e6),
  };
  process.stdout.write(`${JSON.stringify(reached)}\n`);
}

if (block === null) process.stdout.write(`${JSON.stringify({ blocked: null, reason })}\n`);
for (const [name, stage] of Object.entries(stages(size))) await measure(name, stage);
await reach();
