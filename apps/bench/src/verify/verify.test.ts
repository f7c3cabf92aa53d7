import { reference } from '@refusion/autodiff';
import type { NdArray } from '@refusion/core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GoldenFile } from './golden-file.js';
import { GROUPS, isIn } from './groups.js';
import { loadEngines } from './load-engines.js';
import { readGoldenFile } from './read-golden-file.js';
import { shippedFile } from './shipped-file.js';
import { verify } from './verify.js';

let small: GoldenFile;
beforeAll(async () => {
  small = await readGoldenFile(shippedFile());
});

const { engines } = await loadEngines('all');

describe.each(engines)('the engine $name', (engine) => {
  it('meets the small golden file and keeps no tensor', async () => {
    const before = engine.tensorCount();
    const { groups, notRecomputed, ok } = await verify(engine, small);
    expect(groups.filter((group) => !group.ok)).toEqual([]);
    expect(notRecomputed).toEqual([]);
    expect(ok).toBe(true);
    expect(engine.tensorCount()).toBe(before);
  });
});

describe('verify', () => {
  it('covers every tensor of the file by exactly one group', () => {
    const outputs = Object.keys(small.tensors).filter((name) => !/^(theta|batch)\./.test(name));
    expect(outputs.length).toBeGreaterThan(100);
    for (const name of outputs) expect(GROUPS.filter((group) => isIn(group, name))).toHaveLength(1);
  });

  it('finds one wrong number in each group', async () => {
    const names = [
      'inner.W',
      'inner.grad.R.encoder.0.norm1.body.weight',
      'inner.updated.F.project_out_1.weight',
      'outer.grad.updatedF.FM.project_E.weight',
      'outer.jvp.fused',
      'outer.hypergrad.P.act.weight',
      'fusion_update.losses',
    ];
    const file = names.reduce((changed, name) => withTensor(changed, name, moved), small);
    const { groups, ok } = await verify(reference, file);
    expect(ok).toBe(false);
    expect(groups.map(({ tensor }) => tensor)).toEqual(names);
    for (const { error, ok: within } of groups) {
      expect(error).toBeCloseTo(1e-8, 12);
      expect(within).toBe(false);
    }
  });

  it('takes a NaN for the worst error', async () => {
    const { groups, ok } = await verify(
      reference,
      withTensor(small, 'inner.V', ({ data, shape }) => ({ data: data.map(() => Number.NaN), shape })),
    );
    expect(ok).toBe(false);
    expect(groups[0]).toMatchObject({ group: 'forward', tensor: 'inner.V', error: Number.NaN, ok: false });
  });

  it('is not content with a tensor that it does not recompute', async () => {
    const { groups, notRecomputed, ok } = await verify(
      reference,
      withTensor(small, 'outer.extra', () => ({ data: new Float64Array(1), shape: [1] })),
    );
    expect(groups.every((group) => group.ok)).toBe(true);
    expect(notRecomputed).toEqual(['outer.extra']);
    expect(ok).toBe(false);
  });
});

type Golden = NdArray<Float32Array | Float64Array>;

function withTensor(file: GoldenFile, name: string, change: (tensor: Golden) => Golden): GoldenFile {
  const tensor = file.tensors[name] ?? { data: new Float64Array(), shape: [0] };
  return { ...file, tensors: { ...file.tensors, [name]: change(tensor) } };
}

/** A tensor of which one entry is wrong by 1e-8 of the norm, ten times the tolerance. */
function moved({ data, shape }: Golden): Golden {
  const wrong = Float64Array.from(data);
  wrong[0] = (wrong[0] as number) + 1e-8 * Math.hypot(...data);
  return { data: wrong, shape };
}
