import { NONE, OPERATIONS, reference } from '@refusion/autodiff';
import { inputsOf, OPERATION_CASES } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { bench } from '../test-bench.js';
import { workCosts } from './command.js';
import { costOf } from './cost-of.js';
import { countingEngine } from './counting-engine.js';

describe('costOf', () => {
  // By hand: pixels x inputs x outputs x taps, twice.
  it.each([
    [
      'pointwise',
      [
        [2, 3, 4, 5],
        [7, 5, 1, 1],
      ],
      [2, 3, 4, 7],
      2 * 24 * 35,
    ],
    [
      'pointwiseInputGrad',
      [
        [2, 3, 4, 7],
        [7, 5, 1, 1],
      ],
      [2, 3, 4, 5],
      2 * 24 * 35,
    ],
    [
      'pointwiseFilterGrad',
      [
        [2, 3, 4, 5],
        [2, 3, 4, 7],
      ],
      [7, 5, 1, 1],
      2 * 24 * 35,
    ],
    [
      'conv3x3',
      [
        [2, 3, 4, 5],
        [7, 5, 3, 3],
      ],
      [2, 3, 4, 7],
      2 * 24 * 35 * 9,
    ],
    [
      'conv3x3FilterGrad',
      [
        [2, 3, 4, 5],
        [2, 3, 4, 7],
      ],
      [7, 5, 3, 3],
      2 * 24 * 35 * 9,
    ],
    [
      'depthwise',
      [
        [2, 3, 4, 5],
        [5, 1, 3, 3],
      ],
      [2, 3, 4, 5],
      2 * 24 * 5 * 9,
    ],
    [
      'matMul',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [2, 3, 5],
      2 * 2 * 3 * 4 * 5,
    ],
    [
      'gram',
      [
        [2, 9, 4],
        [2, 9, 5],
      ],
      [2, 4, 5],
      2 * 2 * 9 * 4 * 5,
    ],
    ['squaredNorms', [[2, 9, 4]], [2, 1, 4], 2 * 72],
  ] as [string, number[][], number[], number][])('%s', (operation, inputs, output, products) => {
    expect(costOf(operation, inputs, output)).toMatchObject({ products, others: 0 });
  });

  it('counts numbers of other operations, and bytes', () => {
    expect(costOf('add', [[2, 3], [3]], [2, 3])).toEqual({ products: 0, others: 6, bytes: 4 * (6 + 3 + 6) });
    expect(costOf('sum', [[2, 3]], [1, 1])).toEqual({ products: 0, others: 6, bytes: 4 * 7 });
    expect(costOf('slice', [[20, 3]], [2, 3])).toEqual({ products: 0, others: 0, bytes: 4 * 12 });
    expect(costOf('reshape', [[2, 3]], [6])).toEqual({ products: 0, others: 0, bytes: 0 });
  });

  it('is defined for every operation of the op set', () => {
    const { engine, take } = countingEngine(reference);
    for (const testCase of OPERATION_CASES) {
      const operation = OPERATIONS.find(({ name }) => name === testCase.operation);
      if (!operation) throw new Error(`no operation is called ${testCase.operation}`);
      const inputs = inputsOf(testCase, 1).map((data, i) =>
        engine.ops.constant(data, testCase.shapes[i] as number[]),
      );
      engine.ops.apply(operation, inputs, testCase.attrs ?? NONE);
      const { products, others, bytes } = take();
      expect(Number.isInteger(products + others + bytes)).toBe(true);
    }
  });
});

describe('workCosts', () => {
  const network = { dim: 4, blocks: 1, heads: 2 };

  it('grows with the batch and with the pixels', async () => {
    const base = await workCosts({ batch: 1, size: 16, forward: [8, 8], network });
    const [twice, wide] = [
      await workCosts({ batch: 2, size: 16, forward: [8, 16], network }),
      await workCosts({ batch: 1, size: 32, forward: [8, 8], network }),
    ];
    for (const work of ['meta', 'fusion'] as const) {
      // A little less: small matrices and the optimisers do not grow with the pixels.
      expect(twice[work].products / base[work].products).toBeCloseTo(2, 1);
      expect(wide[work].products / base[work].products).toBeCloseTo(4, 1);
    }
    expect(twice.forward.products / base.forward.products).toBeCloseTo(2, 1);
  });
});

describe('bench cost', () => {
  it('prints what each piece of work takes', async () => {
    const small = ['--batch', '1', '--size', '8', '--dim', '8', '--blocks', '1'];
    const { code, stdout } = await bench('cost', ...small, '--json');
    expect(code).toBe(0);
    const cost = { products: expect.any(Number), others: expect.any(Number), bytes: expect.any(Number) };
    expect(JSON.parse(stdout)).toEqual({ batch: 1, size: 8, meta: cost, fusion: cost, forward: cost });
  });
});
