import { reference } from '@refusion/autodiff';
import { OptionError, RefusionError, rng, ShapeError } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { fusionNetwork } from '@refusion/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { type FuseFramesOptions, fuseFrames } from './fuse-frames.js';
import type { Fused } from './fuse-pictures.js';
import { type Fuse, pipeline } from './pipeline.js';

const random = rng(2);
const frame = (width = 5): Picture =>
  picture(
    Uint8Array.from({ length: 4 * width }, () => random.integer(256)),
    [4, width],
  );
const [as, bs] = [0, 1].map(() => [frame(), frame(), frame()]) as [Picture[], Picture[]];

let fuse: Fuse;
beforeAll(async () => {
  const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
  fuse = await pipeline({ weights, engine: reference });
});

async function* stream<T>(values: readonly T[], onClose?: () => void) {
  try {
    yield* values;
  } finally {
    onClose?.();
  }
}

async function fused(
  a: readonly Picture[],
  b: readonly Picture[],
  options?: FuseFramesOptions,
): Promise<Fused[]> {
  const all: Fused[] = [];
  for await (const each of fuseFrames(fuse, stream(a), stream(b), options)) all.push(each);
  return all;
}

describe('fuseFrames', () => {
  it.each(['clip', 'stretch'] as const)('fuses each frame as a picture with the tone %s', async (tone) => {
    const expected: Fused[] = [];
    for (const [i, a] of as.entries()) expected.push(await fuse(a, bs[i] as Picture, { tone }));
    expect(await fused(as, bs, { tone })).toEqual(expected);
  });

  it('stretches by extremes that follow those of the frames slowly', async () => {
    const follow = 0.25;
    let range: { min: number; max: number } | null = null;
    for (const { raw, gray } of await fused(as, bs, { follow })) {
      const own = { min: Math.min(...raw.data), max: Math.max(...raw.data) };
      const from: { min: number; max: number } = range ?? own;
      range = {
        min: from.min + follow * (own.min - from.min),
        max: from.max + follow * (own.max - from.max),
      };
      const { min, max } = range;
      for (const [i, value] of raw.data.entries()) {
        const level = Math.min(255, Math.max(0, (255 * (value - min)) / (max - min)));
        // Half a level of rounding, and what float32 adds.
        expect(Math.abs((gray.data[i] as number) - level)).toBeLessThanOrEqual(0.5 + 1e-3);
      }
    }
  });

  it('has no frames where there are none', async () => {
    expect(await fused([], [])).toEqual([]);
  });

  it('says which stream is the shorter, after the frames that are in both', async () => {
    const seen: Fused[] = [];
    const run = async (a: Picture[], b: Picture[]): Promise<void> => {
      for await (const each of fuseFrames(fuse, stream(a), stream(b))) seen.push(each);
    };
    await expect(run(as, bs.slice(0, 2))).rejects.toThrow(RefusionError);
    expect(seen.length).toBe(2);
    await expect(run(as, bs.slice(0, 2))).rejects.toThrow('fuseFrames: b ends after 2 frames, a has more');
    await expect(run([], bs)).rejects.toThrow('fuseFrames: a ends after 0 frames, b has more');
  });

  it('refuses frames of different sizes, and options outside their range', async () => {
    await expect(fused([frame(6)], [frame(5)])).rejects.toThrow(ShapeError);
    await expect(fused(as, bs, { follow: 0 })).rejects.toThrow(OptionError);
    await expect(fused(as, bs, { follow: 2 })).rejects.toThrow('follow must be above 0 and at most 1, got 2');
    await expect(fused(as, bs, { tone: 'none' as 'clip' })).rejects.toThrow(
      'tone must be one of steady, stretch, clip, got "none"',
    );
  });

  it('closes both streams when no more frames are wanted', async () => {
    const closed: string[] = [];
    const streams = [stream(as, () => closed.push('a')), stream(bs, () => closed.push('b'))] as const;
    for await (const _first of fuseFrames(fuse, ...streams)) break;
    expect(closed.sort()).toEqual(['a', 'b']);
  });

  it('ends at once when its signal is aborted, though a stream has stalled', async () => {
    async function* stalled(): AsyncGenerator<Picture> {
      yield bs[0] as Picture;
      await new Promise(() => {});
    }
    const controller = new AbortController();
    const seen: Fused[] = [];
    const run = async (): Promise<void> => {
      const { signal } = controller;
      for await (const each of fuseFrames(fuse, stream(as), stalled(), { signal })) {
        seen.push(each);
        setImmediate(() => controller.abort(new RefusionError('no more')));
      }
    };
    await expect(run()).rejects.toThrow('no more');
    expect(seen.length).toBe(1);
  });
});
