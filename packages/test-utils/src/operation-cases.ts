/**
 * Inputs on which every operation of the op set is tried: by the derivative tests in float64 and by the contract of
 * each engine. Shapes are small, odd and unequal, so that exchanged axes show.
 */
export interface OperationCase {
  readonly operation: string;
  readonly label: string;
  readonly shapes: readonly (readonly number[])[];
  readonly attrs: unknown;
  /**
   * `any`: normal numbers; `positive`: from 0.5 to 2; `apart`: all values of all inputs at least 0.02 from each
   * other and from 0, away from the kinks of abs, maximum and max.
   */
  readonly domain: 'any' | 'positive' | 'apart';
}

const none = {};

function of(
  operation: string,
  shapes: readonly (readonly number[])[],
  attrs: unknown = none,
  domain: OperationCase['domain'] = 'any',
): OperationCase {
  return { operation, label: `${operation} ${shapes.map((s) => `[${s}]`).join(' ')}`, shapes, attrs, domain };
}

function binary(operation: string, domain: OperationCase['domain']): OperationCase[] {
  return [
    of(
      operation,
      [
        [2, 3],
        [2, 3],
      ],
      none,
      domain,
    ),
    of(
      operation,
      [
        [2, 1, 3],
        [4, 1],
      ],
      none,
      domain,
    ),
    of(operation, [[], [2, 3]], none, domain),
    of(operation, [[1, 3, 2, 4], [4]], none, domain),
  ];
}

function convolution(operation: string, image: number[], out: number[], filter: number[]): OperationCase[] {
  return [
    of(operation, [image, filter]),
    of(`${operation}InputGrad`, [out, filter]),
    of(`${operation}FilterGrad`, [image, out]),
  ];
}

export const OPERATION_CASES: readonly OperationCase[] = [
  ...binary('add', 'any'),
  ...binary('sub', 'any'),
  ...binary('mul', 'any'),
  ...binary('div', 'positive'),
  ...binary('maximum', 'apart'),
  ...['neg', 'exp', 'erf', 'detach', 'sigmoid', 'gelu', 'geluSlope'].map((name) => of(name, [[2, 3, 5]])),
  ...['abs', 'sign'].map((name) => of(name, [[2, 3, 5]], none, 'apart')),
  of('prelu', [[2, 3, 5], [5]], none, 'apart'),
  of('prelu', [[2, 3, 5], [1]], none, 'apart'),
  ...['sqrt', 'log'].map((name) => of(name, [[2, 3, 5]], none, 'positive')),
  of('sum', [[2, 3, 4]], { axes: [0, 2] }),
  of('sum', [[2, 3, 4, 5]], { axes: [1, 2] }),
  of('sum', [[3, 4]], { axes: [1] }),
  of('max', [[2, 3, 4]], { axes: [1] }, 'apart'),
  of('max', [[2, 3, 2]], { axes: [0, 1, 2] }, 'apart'),
  of('broadcastTo', [[3, 1]], { shape: [2, 3, 4] }),
  of('broadcastTo', [[]], { shape: [2, 3] }),
  of('reshape', [[2, 3, 4]], { shape: [4, 6] }),
  of('transpose', [[2, 3, 4]], { permutation: [2, 0, 1] }),
  of('transpose', [[2, 3, 4, 5]], { permutation: [3, 1, 0, 2] }),
  of('slice', [[4, 5, 6]], { begin: [1, 0, 2], size: [2, 5, 3] }),
  of('slice', [[1, 3, 4, 6]], { begin: [0, 0, 0, 2], size: [1, 3, 4, 2] }),
  of('pad', [[2, 3]], { before: [1, 0], after: [2, 3] }),
  of('pad', [[1, 2, 3, 2]], { before: [0, 1, 1, 0], after: [0, 1, 2, 3] }),
  of(
    'concat',
    [
      [2, 3, 2],
      [2, 1, 2],
      [2, 2, 2],
    ],
    { axis: 1 },
  ),
  of(
    'concat',
    [
      [1, 2, 3, 4],
      [1, 2, 3, 2],
    ],
    { axis: 3 },
  ),
  of('matMul', [
    [3, 4],
    [4, 2],
  ]),
  of('matMul', [
    [2, 3, 5],
    [2, 5, 4],
  ]),
  ...convolution('pointwise', [2, 3, 4, 3], [2, 3, 4, 5], [5, 3, 1, 1]),
  ...convolution('depthwise', [2, 4, 3, 5], [2, 4, 3, 5], [5, 1, 3, 3]),
  ...convolution('conv3x3', [2, 4, 5, 3], [2, 4, 5, 2], [2, 3, 3, 3]),
  ...convolution('conv3x3', [1, 3, 4, 1], [1, 3, 4, 2], [2, 1, 3, 3]),
  ...convolution('conv3x3', [1, 1, 1, 2], [1, 1, 1, 1], [1, 2, 3, 3]),
  of('softmax', [[2, 3, 4]], { axis: 2 }),
  of('softmax', [[2, 3, 4]], { axis: 1 }),
  of('layerNorm', [[2, 3, 4, 5], [5], [5]], { epsilon: 1e-5 }),
  of(
    'layerNormInputGrad',
    [
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ],
    { epsilon: 1e-5 },
  ),
  of('gram', [
    [2, 5, 3],
    [2, 5, 4],
  ]),
  of('squaredNorms', [[2, 5, 3]]),
];

/** A case's inputs, row-major, the same for the same seed. */
export function inputsOf(testCase: OperationCase, seed: number): Float64Array[] {
  const random = mulberry32(seed);
  const sizes = testCase.shapes.map((shape) => shape.reduce((size, length) => size * length, 1));
  if (testCase.domain === 'apart') return apart(sizes, random);
  const draw = testCase.domain === 'positive' ? () => 0.5 + 1.5 * random() : () => normal(random);
  return sizes.map((size) => Float64Array.from({ length: size }, draw));
}

/** Values for a case that are drawn normally whatever its domain: directions and cotangents. */
export function normals(size: number, seed: number): Float64Array {
  const random = mulberry32(seed);
  return Float64Array.from({ length: size }, () => normal(random));
}

function apart(sizes: readonly number[], random: () => number): Float64Array[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const grid = Array.from({ length: total }, (_unused, i) => (i - total / 2 + 0.25) * 0.08);
  const shuffled = grid.map((value) => ({ value, key: random() })).sort((a, b) => a.key - b.key);
  let at = 0;
  return sizes.map((size) => Float64Array.from({ length: size }, () => shuffled[at++]?.value as number));
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A small seeded generator (Tommy Ettinger's mulberry32): the tests' randomness, independent of the library's. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
