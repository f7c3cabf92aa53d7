import { type Operand, reference } from '@refusion/autodiff';
import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { refusionLearner } from './index.js';

const { ops } = reference;
const images = { a: ops.fill([1, 2, 2, 1], 0.9), b: ops.constant([0.1, 0.4, 0, 1], [1, 2, 2, 1]) };
const fused = ops.fill([1, 2, 2, 1], 0.5);
const half = ops.fill([1, 2, 2, 2], 0.5);

describe('the weights of the learner', () => {
  it('are numbers or scalars', async () => {
    const losses = async (alphaF: Operand) =>
      reference.read(refusionLearner({ alphaF }).fusionLoss(ops, fused, images, { w: half, v: half }).total);
    expect(await losses(ops.scalar(0.3))).toEqual(await losses(0.3));
    expect(await losses(0.3)).not.toEqual(await losses(0.4));
  });

  it.each<['alphaF' | 'alphaR', unknown, Error]>([
    ['alphaF', -1, new OptionError('refusionLearner: alphaF must be a number of at least 0, got -1')],
    ['alphaR', 'x', new OptionError('refusionLearner: alphaR must be a number of at least 0, got x')],
    ['alphaF', fused, new ShapeError('refusionLearner: alphaF must have the shape [], got [1,2,2,1]')],
  ])('are refused in a sentence: %s %s', (name, weight, error) => {
    expect(() => refusionLearner({ [name]: weight as Operand })).toThrow(error);
  });
});
