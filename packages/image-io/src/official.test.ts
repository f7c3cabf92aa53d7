import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type NdArray, ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { mergeChroma, type Picture, stretch, toRgb, toUint8 } from './index.js';
import { readPicture } from './node.js';

// The pictures that the authors' code wrote, recomputed from the raw output of their network. They are not ours to
// distribute: without the folder these tests are skipped; the same formulas are tested on hand values elsewhere.
const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const outputs = `${shared}official/outputs/`;

interface Output {
  readonly a: string;
  readonly b: string;
  readonly height: number;
  readonly width: number;
  readonly f32: string;
  readonly gray: string;
  readonly rgb: string | null;
}

async function rawOutput(path: string, { height, width }: Output): Promise<NdArray<Float32Array>> {
  const bytes = await readFile(path);
  const values = Float32Array.from({ length: height * width }, (_, i) => bytes.readFloatLE(4 * i));
  return ndarray(values, [height, width]);
}

function pixelsThatDiffer(got: Picture, wanted: Picture): number {
  expect(got.shape).toEqual(wanted.shape);
  return got.data.reduce((count, value, i) => count + Number(value !== wanted.data[i]), 0);
}

describe.runIf(existsSync(outputs))("the authors' pictures (skipped without ../shared)", async () => {
  const tasks = existsSync(outputs) ? await readdir(outputs) : [];
  for (const task of tasks) {
    const folder = `${outputs}${task}/`;
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json'))) {
      it(`${task} ${file}: gray and RGB are reproduced exactly`, async () => {
        const output: Output = JSON.parse(readFileSync(folder + file, 'utf8'));
        const y = stretch(await rawOutput(folder + output.f32, output));
        expect(pixelsThatDiffer(toUint8(y), await readPicture(folder + output.gray))).toBe(0);

        const merged = mergeChroma(
          await readPicture(shared + output.a),
          await readPicture(shared + output.b),
        );
        expect(merged === null).toBe(output.rgb === null);
        if (merged === null || output.rgb === null) return;
        expect(pixelsThatDiffer(toUint8(toRgb(y, merged)), await readPicture(folder + output.rgb))).toBe(0);
      });
    }
  }
});
