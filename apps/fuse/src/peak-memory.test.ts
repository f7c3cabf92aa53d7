import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rng } from '@refusion/core';
import { encodePng } from '@refusion/image-io/node';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { argumentsWith, at, closeTrial, commandOf, openTrial } from './trial.js';

const network = fusionNetwork({ dim: 8, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

/** A program that tells, as it ends, the peak of its resident size in KB. */
const TELL = 'process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';

function peakOf(engine: string, maxMemory: string): number {
  const [node, ...rest] = commandOf([
    ...argumentsWith({ '--engine': engine, '--max-memory': maxMemory }),
    '--quiet',
  ]);
  const { status, stderr } = spawnSync(node, [`--import=data:text/javascript,${TELL}`, ...rest], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(status).toBe(0);
  return Number(/^peak (\d+)$/.exec(stderr)?.[1]) * 1024;
}

// Of 800 rows, these pictures take 1.1 GB and more as a whole, and go in strips; of 1,000, onnx evaluates them whole.
it.each([
  ['onnx', 800, 500],
  ['wasm', 800, 500],
  ['onnx', 1000, 1050],
])('a process keeps within --max-memory on %s, %i rows, %i MB', async (engine, height, megabytes) => {
  const width = 1200;
  const random = rng(2);
  for (const [side, channels] of [
    ['ir', 1],
    ['vi', 3],
  ] as const) {
    const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
    const shape = channels === 3 ? ([height, width, 3] as const) : ([height, width] as const);
    writeFileSync(at(side, 'a.png'), await encodePng({ data, shape }));
  }
  expect(peakOf(engine, `${megabytes}MB`)).toBeLessThan(megabytes * 1e6);
});
