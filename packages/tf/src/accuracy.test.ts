import { type Engine, NONE, OPERATIONS, type Ops, reference, type Tensor } from '@refusion/autodiff';
import { expectClose, mulberry32, normals } from '@refusion/test-utils';
import { beforeAll, describe, it } from 'vitest';
import { load, TESTED } from './tested-engines.js';

type Map = (ops: Ops, inputs: readonly Tensor[]) => Tensor;

function operation(name: string, attrs: unknown = NONE): Map {
  const found = OPERATIONS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no operation is called ${name}`);
  return (ops, inputs) => ops.apply(found, inputs, attrs);
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
type Draw = (shape: readonly number[], seed: number) => Float64Array;
const signed: Draw = (shape, seed) => normals(size(shape), seed).map(Math.fround);

/** Numbers of one sign, whose sum grows and grows. */
const positive: Draw = (shape, seed) => {
  const random = mulberry32(seed);
  return Float64Array.from({ length: size(shape) }, () => Math.fround(random()));
};

const IMAGE = [2, 256, 128, 2];

const SUMS: { label: string; map: Map; shapes: number[][]; draw: Draw }[] = [
  { label: 'sum of all', map: (o, [x]) => o.sum(x as Tensor), shapes: [IMAGE], draw: positive },
  {
    label: 'mean over pixels',
    map: (o, [x]) => o.mean(x as Tensor, [0, 1, 2]),
    shapes: [IMAGE],
    draw: positive,
  },
  {
    label: 'sum over channels',
    map: (o, [x]) => o.sum(x as Tensor, [3]),
    shapes: [[1, 4, 4, 2000]],
    draw: positive,
  },
  {
    label: 'sum over apart axes',
    map: (o, [x]) => o.sum(x as Tensor, [0, 2]),
    shapes: [[300, 3, 300, 2]],
    draw: positive,
  },
  { label: 'squared norms', map: operation('squaredNorms'), shapes: [[2, 65536, 2]], draw: signed },
  {
    label: 'gram',
    map: operation('gram'),
    shapes: [
      [2, 65536, 2],
      [2, 65536, 3],
    ],
    draw: positive,
  },
  {
    label: 'pointwise filter',
    map: operation('pointwiseFilterGrad'),
    shapes: [IMAGE, [2, 256, 128, 3]],
    draw: positive,
  },
  {
    label: 'depthwise filter',
    map: operation('depthwiseFilterGrad'),
    shapes: [IMAGE, IMAGE],
    draw: positive,
  },
  {
    label: 'full filter',
    map: operation('conv3x3FilterGrad'),
    shapes: [IMAGE, [2, 256, 128, 3]],
    draw: positive,
  },
];

/** Shapes that are no multiple of any block, wide and narrow, each exchanged. */
const SHAPES: { label: string; map: Map; shapes: number[][] }[] = [
  ...[
    [3, 37, 41, 5, 7],
    [2, 33, 35, 17, 1],
    [1, 1, 1100, 4, 20],
    [2, 520, 1, 9, 2],
  ].flatMap(([B, H, W, I, O]) =>
    ['pointwiseFilterGrad', 'conv3x3FilterGrad'].map((name) => ({
      label: `${name} ${I} to ${O} channels, ${B}x${H}x${W}`,
      map: operation(name),
      shapes: [
        [B, H, W, I],
        [B, H, W, O],
      ] as number[][],
    })),
  ),
  ...['depthwise', 'depthwiseInputGrad'].flatMap((name) =>
    [
      [3, 7, 13, 9],
      [2, 1, 4, 4],
      [1, 5, 1, 3],
    ].map((image) => ({
      label: `${name} ${image}`,
      map: operation(name),
      shapes: [image, [image[3] as number, 1, 3, 3]],
    })),
  ),
  ...['pointwise', 'pointwiseInputGrad'].flatMap((name) =>
    [
      [21, 9],
      [12, 4],
      [2, 3],
    ].map(([I, O]) => ({
      label: `${name} ${I}, ${O} channels`,
      map: operation(name),
      shapes: [
        [1, 7, 9, (name === 'pointwise' ? I : O) as number],
        [O, I, 1, 1],
      ] as number[][],
    })),
  ),
  {
    label: 'depthwiseFilterGrad 3x37x141',
    map: operation('depthwiseFilterGrad'),
    shapes: [
      [3, 37, 141, 5],
      [3, 37, 141, 5],
    ],
  },
  {
    label: 'depthwiseFilterGrad 1x1x9',
    map: operation('depthwiseFilterGrad'),
    shapes: [
      [1, 1, 9, 4],
      [1, 1, 9, 4],
    ],
  },
  {
    label: 'depthwiseFilterGrad 2x5x1',
    map: operation('depthwiseFilterGrad'),
    shapes: [
      [2, 5, 1, 4],
      [2, 5, 1, 4],
    ],
  },
  {
    label: 'matMul',
    map: operation('matMul'),
    shapes: [
      [2, 3, 5, 7],
      [2, 3, 7, 4],
    ],
  },
  {
    label: 'a matrix used again in another shape',
    map: reusedMatrix,
    shapes: [
      [5, 24],
      [24, 8],
      [5, 8],
    ],
  },
  {
    label: 'a filter used again in another shape',
    map: reusedFilter,
    shapes: [
      [1, 5, 5, 4],
      [6, 4, 1, 1],
    ],
  },
];

/** The backend must not multiply by what it remembers of the first shape. */
function reusedMatrix(ops: Ops, [a, b, c]: readonly Tensor[]): Tensor {
  const first = ops.matMul(a as Tensor, b as Tensor);
  const second = ops.matMul(c as Tensor, ops.reshape(b as Tensor, [8, 24]));
  return ops.concat([first, second], 1);
}

function reusedFilter(ops: Ops, [x, filter]: readonly Tensor[]): Tensor {
  const first = ops.pointwise(x as Tensor, filter as Tensor);
  const back = operation('pointwiseInputGrad')(ops, [first, filter as Tensor]);
  const turned = ops.reshape(filter as Tensor, [4, 6, 1, 1]);
  return ops.concat([back, operation('pointwiseInputGrad')(ops, [x as Tensor, turned])], 3);
}

describe.each(TESTED)('$label', (tested) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await load(tested);
  });

  async function expectAgreement(map: Map, shapes: readonly number[][], draw: Draw): Promise<void> {
    const run = ({ ops, read }: Engine) =>
      read(
        map(
          ops,
          shapes.map((shape, i) => ops.constant(draw(shape, i + 1), shape)),
        ),
      );
    expectClose(await run(engine), await run(reference), tested.sums);
  }

  it.each(SUMS)('$label', ({ map, shapes, draw }) => expectAgreement(map, shapes, draw));
  it.each(SHAPES)('$label', ({ map, shapes }) => expectAgreement(map, shapes, signed));
});
