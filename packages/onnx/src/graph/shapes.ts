import { broadcastShape } from '@refusion/autodiff';
import type { Shape } from '@refusion/core';
import type { GraphNode, NodeAttrs } from './node.js';

type ShapeRule = (inputs: readonly GraphNode[], attrs: NodeAttrs) => Shape;

const shapeAt = (inputs: readonly GraphNode[], i: number): Shape => (inputs[i] as GraphNode).shape;
const same: ShapeRule = (inputs) => shapeAt(inputs, 0);
const broadcast: ShapeRule = (inputs) =>
  inputs.map(({ shape }) => shape).reduce((a, b) => broadcastShape('graph', a, b));
const given: ShapeRule = (_inputs, attrs) => attrs['shape'] as Shape;

const reduced: ShapeRule = (inputs, attrs) => {
  const axes = attrs['axes'] as readonly number[];
  return shapeAt(inputs, 0).map((length, axis) => (axes.includes(axis) ? 1 : length));
};

const convolved: ShapeRule = (inputs) => [...shapeAt(inputs, 0).slice(0, 3), shapeAt(inputs, 1)[0] as number];

const convolvedBack: ShapeRule = (inputs) => [
  ...shapeAt(inputs, 0).slice(0, 3),
  shapeAt(inputs, 1)[1] as number,
];

const filterGradient =
  (side: number): ShapeRule =>
  (inputs) => [shapeAt(inputs, 1)[3] as number, shapeAt(inputs, 0)[3] as number, side, side];

const padded: ShapeRule = (inputs, attrs) => {
  const { before, after } = attrs as { before: readonly number[]; after: readonly number[] };
  return shapeAt(inputs, 0).map(
    (length, axis) => (before[axis] as number) + length + (after[axis] as number),
  );
};

const concatenated: ShapeRule = (inputs, attrs) => {
  const at = attrs['axis'] as number;
  const total = inputs.reduce((sum, { shape }) => sum + (shape[at] as number), 0);
  return shapeAt(inputs, 0).map((length, axis) => (axis === at ? total : length));
};

/** The shapes of what the lowered operations give. */
export const SHAPES: { readonly [operation: string]: ShapeRule } = {
  ...Object.fromEntries(['add', 'sub', 'mul', 'div', 'maximum', 'prelu'].map((name) => [name, broadcast])),
  ...Object.fromEntries(
    [
      'neg',
      'abs',
      'sign',
      'sqrt',
      'exp',
      'log',
      'erf',
      'affine',
      'choose',
      'detach',
      'sigmoid',
      'gelu',
      'geluSlope',
      'layerNormInputGrad',
      'softmax',
      'layerNorm',
    ].map((name) => [name, same]),
  ),
  sum: reduced,
  max: reduced,
  broadcastTo: given,
  reshape: given,
  transpose: (inputs, attrs) =>
    (attrs['permutation'] as readonly number[]).map((axis) => shapeAt(inputs, 0)[axis] as number),
  slice: (_inputs, attrs) => attrs['size'] as Shape,
  pad: padded,
  concat: concatenated,
  matMul: (inputs) => [...shapeAt(inputs, 0).slice(0, -1), shapeAt(inputs, 1).at(-1) as number],
  pointwise: convolved,
  pointwiseInputGrad: convolvedBack,
  pointwiseFilterGrad: filterGradient(1),
  conv3x3InputGrad: convolvedBack,
  conv3x3FilterGrad: filterGradient(3),
  depthwiseInputGrad: same,
  depthwiseFilterGrad: (inputs) => [shapeAt(inputs, 0)[3] as number, 1, 3, 3],
  conv3x3: convolved,
  depthwise: same,
  gram: (inputs) => [
    shapeAt(inputs, 0)[0] as number,
    shapeAt(inputs, 0)[2] as number,
    shapeAt(inputs, 1)[2] as number,
  ],
  mix: (inputs) => [...shapeAt(inputs, 0).slice(0, 3), shapeAt(inputs, 1)[2] as number],
  squaredNorms: (inputs) => [shapeAt(inputs, 0)[0] as number, 1, shapeAt(inputs, 0)[2] as number],
};
