import type { Step, Tensor } from '@refusion/autodiff';
import { describe, expect, it } from 'vitest';
import { hostOps } from './host-ops.js';
import { PreparedSteps } from './prepared.js';
import type { AnyStep } from './step-model.js';

const step = (imagewise: boolean): AnyStep => {
  const add: Step<{ x: Tensor }, { y: Tensor }> = {
    name: 'a sum',
    run: (ops, { x }) => ({ y: ops.add(x, 1) }),
    ...(imagewise && { imagewise: { images: ['x'], perImage: ['y'] } }),
  };
  return add as unknown as AnyStep;
};

/** Images of a width. */
const images = (count: number, width: number) => ({
  x: hostOps.constant(new Float32Array(count * width), [count, 1, width, 1]),
});

const newSteps = () => new PreparedSteps({ block: undefined, threads: 1 });

describe('prepared steps', () => {
  it('serve batches of any length where they take image by image, and of one length where not', () => {
    for (const imagewise of [true, false]) {
      const [steps, add] = [newSteps(), step(imagewise)];
      const prepared = steps.prepare(add, images(3, 2));
      expect(steps.find(add, images(3, 2))).toBe(prepared);
      expect(steps.find(add, images(1, 2))).toBe(imagewise ? prepared : null);
      expect(steps.find(add, images(3, 4))).toBeNull();
    }
  });

  it('forget the shapes that have not come for the longest time', () => {
    const [steps, add] = [newSteps(), step(true)];
    for (const width of [1, 2, 3, 4]) steps.prepare(add, images(1, width));
    steps.find(add, images(1, 1));
    steps.prepare(add, images(1, 5));
    expect([1, 2, 3, 4, 5].map((width) => steps.find(add, images(1, width)) !== null)).toEqual([
      ...[true, false, true, true, true],
    ]);
    expect(steps.ids()).toHaveLength(4);
  });

  it('keep the model of a step whose successor has the same, and forget all others of its name', () => {
    const steps = newSteps();
    const [before, after] = [step(true), step(true)];
    const { handle } = steps.prepare(before, images(1, 2));
    steps.prepare(before, images(1, 3));
    expect(steps.prepare(after, images(1, 2)).handle).toBe(handle);
    expect(steps.ids()).toEqual([handle.id]);
    expect(steps.find(before, images(1, 2))).toBeNull();
  });
});
