import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, reference } from '@refusion/autodiff';
import { onnxEngine } from '@refusion/onnx/node';
import { expectClose } from '@refusion/test-utils';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { trainConfig } from './configure.js';
import { runTraining } from './training.js';

// Another alpha_f in each of three epochs, with two inner steps, so that all four steps of a training come.
const RAMP = trainConfig({
  data: 'synthetic',
  scenes: 2,
  network: { dim: 2, blocks: 1, heads: 1 },
  crop: 8,
  batch: 1,
  epochs: 3,
  metaSteps: 2,
  innerSteps: 2,
  fusionSteps: 2,
  alphaF: 'ramp',
  // Adam takes a full step for an entry of the size of rounding errors, which would be another step on another engine.
  lr: 1e-9,
});

/** Float32 against float64 in each of twelve updates: measured at 2e-7 at most. */
const TOLERANCE = 1e-6;

const scratch = mkdtempSync(join(tmpdir(), 'refusion-ramp-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let onnx: Engine;
beforeAll(async () => {
  onnx = await onnxEngine({ workers: 1, threads: 1 });
});
afterAll(() => onnx.close?.());

/** All losses of a training and their parts, update by update. */
async function lossesOn(engine: Engine): Promise<number[][]> {
  const out = join(scratch, engine.name);
  await runTraining(RAMP, { out, quiet: true, engine });
  const lines = readFileSync(join(out, 'log.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { fusion, objective, outer = {} } = JSON.parse(line);
    return [fusion, objective, outer].flatMap((terms) => Object.values<number>(terms));
  });
}

it('a ramp of alpha_f opens one session for each step on onnx, and gives the numbers of reference', async () => {
  const opened = vi.spyOn(InferenceSession, 'create');
  const losses = await lossesOn(onnx);
  expect(opened).toHaveBeenCalledTimes(4);
  const expected = await lossesOn(reference);
  expect(losses).toHaveLength(12);
  for (const [update, values] of losses.entries())
    expectClose(values, expected[update] as number[], TOLERANCE);
});
