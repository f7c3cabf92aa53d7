import { OptionError } from '@refusion/core';
import { fusionChain } from '@refusion/networks';
import { describe, expect, it } from 'vitest';
import { haloOf, passesOf } from './passes.js';
import { leastStripBytes, planStrips } from './plan-strips.js';

const config = { dim: 16, blocks: 2, heads: 8, ffn: 2 };
const BYTES_PER_PIXEL = 2400;
const picture = { height: 3000, width: 4000, config, bytesPerPixel: BYTES_PER_PIXEL };
/** Both encoders' features of a row, float32. */
const ROW = 4000 * 32 * 4;

describe('passesOf', () => {
  it('has a pass before each attention and one for the picture', () => {
    // Links: sources, two encoder blocks, the module, two decoder blocks, the picture.
    expect(passesOf(fusionChain(config))).toEqual([
      { to: 0, sums: true, kept: -1 },
      { to: 1, sums: true, kept: -1 },
      { to: 2, sums: true, kept: 1 },
      { to: 3, sums: true, kept: 2 },
      { to: 4, sums: true, kept: 3 },
      { to: 6, sums: false, kept: 4 },
    ]);
  });

  it('has a halo of one row for each 3x3 filter on the way', () => {
    const chain = fusionChain(config);
    const passes = passesOf(chain);
    // From the sources: the first filter, two a block, and one for the sums or two for the picture.
    expect(passes.map((pass) => haloOf(chain, -1, pass))).toEqual([2, 4, 6, 8, 10, 13]);
    expect(passes.slice(2).map((pass) => haloOf(chain, pass.kept, pass))).toEqual([3, 3, 3, 4]);
  });
});

describe('planStrips', () => {
  it('keeps everything in one strip where all fits', () => {
    const plan = planStrips({ ...picture, bytes: Number.POSITIVE_INFINITY });
    expect(plan).toEqual({ stripHeight: 3000, keptRows: 3000 });
  });

  it('stays within the bytes: the strip with its halo, what waits, and the kept rows', () => {
    for (const bytes of [1.5e9, 8e8, 5e8, 3.5e8]) {
      const { stripHeight, keptRows } = planStrips({ ...picture, bytes });
      const rows = stripHeight + 2 * 13;
      expect(rows * 4000 * BYTES_PER_PIXEL + (rows + stripHeight + keptRows) * ROW).toBeLessThanOrEqual(
        bytes,
      );
      expect(stripHeight).toBeGreaterThanOrEqual(1);
    }
  });

  it('keeps more rows, and never works on lower strips for less, where more memory is given', () => {
    const plans = [4e8, 8e8, 1.2e9, 1.6e9, 2.4e9, 3e9].map((bytes) => planStrips({ ...picture, bytes }));
    for (let i = 1; i < plans.length; i++) {
      expect(plans[i]?.keptRows).toBeGreaterThanOrEqual(plans[i - 1]?.keptRows as number);
    }
    expect(plans.at(-1)?.keptRows).toBe(3000);
  });

  it('heeds what the engine can hold, however much memory there is', () => {
    const engineBytes = 5e8;
    const { stripHeight, keptRows } = planStrips({ ...picture, bytes: 1e11, engineBytes });
    // From kept features the farthest reach is that of the encoder's first block: 1 + 2 rows, and one for the sums.
    expect((stripHeight + 8) * 4000 * BYTES_PER_PIXEL).toBeLessThanOrEqual(engineBytes);
    expect((1.3 * (stripHeight + 1) + 8) * 4000 * BYTES_PER_PIXEL).toBeGreaterThan(engineBytes);
    expect(keptRows).toBe(3000);
  });

  it('says the least that works, and works with that', () => {
    const least = leastStripBytes(picture);
    expect(planStrips({ ...picture, bytes: least })).toEqual({ stripHeight: 1, keptRows: 0 });
    const tooFew = () => planStrips({ ...picture, bytes: least - 1 });
    expect(tooFew).toThrow(OptionError);
    expect(tooFew).toThrow(
      `planStrips: ${least - 1} bytes are too few for a picture of 4000x3000, the least that works is ${least}`,
    );
  });

  it('plans for small pictures', () => {
    const one = planStrips({ ...picture, height: 1, width: 1, bytes: 1e6 });
    expect(one).toEqual({ stripHeight: 1, keptRows: 1 });
  });
});
