import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPicture } from '@refusion/image-io/node';
import type { Fuse } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { loadEngine } from '@refusion/tf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The authors' weights must give the authors' pictures. Their files are for development and not part of this
// repository; without them these tests are skipped, and the golden files and fixtures check the same code.
const shared = fileURLToPath(new URL('../../shared/', import.meta.url));
const outputs = join(shared, 'official', 'outputs');
const available = existsSync(outputs);

interface Output {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly height: number;
  readonly width: number;
  readonly f32: string;
  readonly gray: string;
  readonly rgb: string | null;
}

function outputsOf(task: string): Output[] {
  const folder = join(outputs, task);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ id: file.slice(0, -5), ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
}

/** The share of values that differ, and the largest difference. */
function differences(actual: Uint8Array, expected: Uint8Array): { share: number; most: number } {
  const off = actual.map((value, i) => Math.abs(value - (expected[i] as number)));
  return {
    share: off.filter((d) => d > 0).length / off.length,
    most: off.reduce((a, b) => Math.max(a, b), 0),
  };
}

const title = available ? '%s: the outputs' : '%s: skipped, the folder with them is not here';

describe.runIf(available).each(available ? ['IVIF', 'MIF', 'MFIF', 'MEIF'] : [])(title, (task) => {
  let fuse: Fuse;
  beforeAll(async () => {
    fuse = await loadFusion(join(shared, 'official', `ReFusion_${task}.pth`), await loadEngine('wasm'));
  });
  afterAll(() => fuse.dispose());

  it.each(outputsOf(task))("$id is the authors'", async (output) => {
    const [a, b] = await Promise.all([
      readPicture(join(shared, output.a)),
      readPicture(join(shared, output.b)),
    ]);
    const { raw, gray, color } = await fuse(a, b);
    const bytes = readFileSync(join(outputs, task, output.f32));
    const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(raw.shape).toEqual([output.height, output.width]);
    const worst = raw.data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))),
      0,
    );
    expect(worst).toBeLessThan(2e-4);
    // A raw value on the edge between two levels may round either way.
    const grays = differences(gray.data, (await readPicture(join(outputs, task, output.gray))).data);
    expect(grays.most).toBeLessThanOrEqual(1);
    expect(grays.share).toBeLessThanOrEqual(0.001);
    expect(color === null).toBe(output.rgb === null);
    if (color && output.rgb) {
      const colours = differences(color.data, (await readPicture(join(outputs, task, output.rgb))).data);
      expect(colours.most).toBeLessThanOrEqual(1);
      expect(colours.share).toBeLessThanOrEqual(0.001);
    }
  });
});
