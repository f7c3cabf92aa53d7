import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fuse } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { loadEngine } from '@refusion/tf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOutputs, OFFICIAL_TASKS, outputsOf, parityOf } from '../tools/official/outputs.js';

// The authors' weights must give the authors' pictures. Their files are for development and not part of this
// repository; without them these tests are skipped, and the golden files and fixtures check the same code.
const shared = fileURLToPath(new URL('../../shared/', import.meta.url));
const available = hasOutputs(shared);
const title = available ? '%s: the outputs' : '%s: skipped, the folder with them is not here';

describe.runIf(available).each(available ? OFFICIAL_TASKS : [])(title, (task) => {
  let fuse: Fuse;
  beforeAll(async () => {
    fuse = await loadFusion(join(shared, 'official', `ReFusion_${task}.pth`), await loadEngine('wasm'));
  });
  afterAll(() => fuse.dispose());

  it.each(outputsOf(shared, task))("$id is the authors'", async (output) => {
    const { shape, raw, gray, color } = await parityOf(fuse, shared, output);
    expect(shape).toEqual([output.height, output.width]);
    expect(raw).toBeLessThan(2e-4);
    expect(color === null).toBe(output.rgb === null);
    // A raw value on the edge between two levels may round either way.
    for (const levels of color === null ? [gray] : [gray, color]) {
      expect(levels.most).toBeLessThanOrEqual(1);
      expect(levels.byOne).toBeLessThanOrEqual(0.001);
    }
  });
});
