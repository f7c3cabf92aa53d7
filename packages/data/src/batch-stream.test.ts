import { OptionError, rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { type BatchStreamState, batchStream } from './batch-stream.js';
import type { MappedPair, PairSource } from './pair-source.js';

/** Pictures of 3x3 pixels: the pair's number in a, and in b a number for each pixel. */
const source: PairSource = {
  length: 7,
  name: String,
  pair: async (index) => ({
    a: { data: new Float32Array(9).fill(index), shape: [3, 3] },
    b: { data: Float32Array.from({ length: 9 }, (_, i) => 10 * index + i), shape: [3, 3] },
  }),
};
const options = { batch: 2, crop: 1, exchange: false };

describe('batchStream', () => {
  it('goes through all pairs before any comes again', async () => {
    const { next } = batchStream(source, [0, 2, 4, 5, 6], { ...options, rng: rng(1) });
    const drawn: number[] = [];
    for (let i = 0; i < 5; i++) drawn.push(...(await next()).a.data);
    const passes = [drawn.slice(0, 5), drawn.slice(5)];
    for (const pass of passes) expect([...pass].sort()).toEqual([0, 2, 4, 5, 6]);
    expect(passes[0]).not.toEqual(passes[1]);
  });

  it('gives a batch that is larger than the set', async () => {
    const { next } = batchStream(source, [3], { ...options, batch: 4, rng: rng(1) });
    expect([...(await next()).a.data]).toEqual([3, 3, 3, 3]);
  });

  it('depends on the seed, and not on which batch is ready first', async () => {
    const stream = (seed: number, from = source) =>
      batchStream(from, [0, 1, 2], { ...options, rng: rng(seed) }).next;
    const inTurn = stream(4);
    const expected = [await inTurn(), await inTurn(), await inTurn()];
    // The first picture that is asked for comes last.
    let wait = 30;
    const slow: PairSource = {
      ...source,
      pair: async (index) => {
        wait = Math.max(0, wait - 10);
        await new Promise((done) => setTimeout(done, wait));
        return source.pair(index);
      },
    };
    const atOnce = stream(4, slow);
    expect(await Promise.all([atOnce(), atOnce(), atOnce()])).toEqual(expected);
    expect(await stream(5)()).not.toEqual(expected[0]);
  });

  it('exchanges the sources on request', async () => {
    const { next } = batchStream(source, [1, 2], { ...options, exchange: true, rng: rng(1) });
    const { a, b, targets } = await next();
    expect(a.shape).toEqual([4, 1, 1, 1]);
    expect([...a.data.subarray(2)]).toEqual([...b.data.subarray(0, 2)]);
    expect([...(targets?.a.data ?? [])]).toEqual([...a.data.subarray(0, 2), ...a.data.subarray(0, 2)]);
  });

  it('turns maps along with the pictures, exchanged or not', async () => {
    const labelled: PairSource<MappedPair<'labels'>> = {
      ...source,
      pair: async (index) => ({ ...(await source.pair(index)), labels: (await source.pair(index)).b }),
    };
    const turned = { batch: 2, crop: 3, symmetries: true, exchange: true, maps: ['labels'] } as const;
    const { next } = batchStream(labelled, [1, 2, 3], { ...turned, rng: rng(1) });
    for (let i = 0; i < 8; i++) {
      const { a, b, targets } = await next();
      expect(targets?.labels).toEqual(targets?.b);
      // The first half is as it is, the second exchanged.
      expect([...b.data.subarray(0, 18)]).toEqual([...(targets?.labels.data.subarray(0, 18) ?? [])]);
      expect([...a.data.subarray(18)]).toEqual([...(targets?.labels.data.subarray(18) ?? [])]);
    }
  });

  it('goes on from its state, through JSON, with the very same batches', async () => {
    const make = (seed: number) =>
      batchStream(source, [0, 2, 4, 5, 6], { ...options, symmetries: true, rng: rng(seed) });
    const stream = make(3);
    for (let i = 0; i < 4; i++) await stream.next();
    const state = JSON.parse(JSON.stringify(stream.state()));
    const expected = [await stream.next(), await stream.next(), await stream.next()];
    const other = make(99);
    other.restore(state);
    expect([await other.next(), await other.next(), await other.next()]).toEqual(expected);
    expect(other.state()).toEqual(stream.state());
    stream.restore(state);
    expect(await stream.next()).toEqual(expected[0]);
  });

  it('counts a batch that is still being read', async () => {
    const stream = batchStream(source, [0, 1], { ...options, rng: rng(3) });
    const reading = stream.next();
    expect(stream.state().drawn).toBe(1);
    await reading;
  });

  it.each([
    { random: [1, 2, 3], waiting: [], drawn: 0 },
    { random: [1, 2, 3, -4], waiting: [], drawn: 0 },
    { random: [1, 2, 3, 4], waiting: [3], drawn: 0 },
    { random: [1, 2, 3, 4], waiting: [], drawn: -1 },
    {},
    null,
  ])('refuses the state %j', (state) => {
    const stream = batchStream(source, [0, 1], { ...options, rng: rng(3) });
    expect(() => stream.restore(state as unknown as BatchStreamState)).toThrow(
      'batchStream: the state is not one of a stream of these pairs',
    );
  });

  it('refuses no pairs and numbers that are no pairs', () => {
    expect(() => batchStream(source, [], { ...options, rng: rng(1) })).toThrow(OptionError);
    expect(() => batchStream(source, [7], { ...options, rng: rng(1) })).toThrow(
      'batchStream: index must be a whole number from 0 to 6, got 7',
    );
  });
});
