import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { syntheticSource } from './synthetic-source.js';

const options = { task: 'meif', count: 3, height: 24, width: 32, seed: 7 } as const;

describe('syntheticSource', () => {
  it('gives the same scene for the same number and seed, whatever was asked before', async () => {
    const [one, other] = [syntheticSource(options), syntheticSource({ ...options, count: 9 })];
    const first = await one.pair(0);
    await one.pair(2);
    expect((await one.pair(0)).a).toEqual(first.a);
    expect((await other.pair(0)).b).toEqual(first.b);
    expect((await one.pair(1)).a).not.toEqual(first.a);
    expect((await syntheticSource({ ...options, seed: 8 }).pair(0)).a).not.toEqual(first.a);
  });

  it('tells what is known about a scene', async () => {
    const source = syntheticSource(options);
    expect([source.length, source.name(2)]).toEqual([3, 'meif-0002']);
    const scene = source.scene(1);
    expect(scene.a).toEqual((await source.pair(1)).a);
    expect(scene.truth?.shape).toEqual([24, 32]);
  });

  it('refuses numbers that are no scenes, and no scenes at all', async () => {
    expect(() => syntheticSource(options).scene(3)).toThrow(
      'index must be a whole number from 0 to 2, got 3',
    );
    await expect(syntheticSource(options).pair(-1)).rejects.toThrow(OptionError);
    expect(() => syntheticSource({ ...options, count: 0 })).toThrow(OptionError);
  });
});
