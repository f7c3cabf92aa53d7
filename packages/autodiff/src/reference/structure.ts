import { sizeOf, stridesOf } from '@refusion/core';
import type { Kernels } from '../interpreter.js';
import type { AxesAttrs, ShapeAttrs } from '../primitives/reduce.js';
import type { ConcatAttrs, PadAttrs, SliceAttrs, TransposeAttrs } from '../primitives/structure.js';
import { broadcastStrides, type Float64Tensor, gather, walk } from './array.js';

type Inputs = readonly Float64Tensor[];

/** Folds the elements along some axes, which stay with length 1. */
function reduce(start: number, fold: (total: number, x: number) => number) {
  return ([x]: Inputs, { axes }: AxesAttrs): Float64Tensor => {
    const { data, shape } = x as Float64Tensor;
    const reduced = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const out = new Float64Array(sizeOf(reduced)).fill(start);
    walk(shape, broadcastStrides(reduced, shape), 0, (from, to) => {
      out[to] = fold(out[to] as number, data[from] as number);
    });
    return { data: out, shape: reduced };
  };
}

function pad([x]: Inputs, { before, after }: PadAttrs): Float64Tensor {
  const { data, shape } = x as Float64Tensor;
  const padded = shape.map((length, axis) => (before[axis] as number) + length + (after[axis] as number));
  const out = new Float64Array(sizeOf(padded));
  const strides = stridesOf(padded);
  const start = before.reduce((at, width, axis) => at + width * (strides[axis] as number), 0);
  walk(shape, strides, start, (from, to) => {
    out[to] = data[from] as number;
  });
  return { data: out, shape: padded };
}

function concat(inputs: Inputs, { axis }: ConcatAttrs): Float64Tensor {
  const first = inputs[0] as Float64Tensor;
  const length = inputs.reduce((total, part) => total + (part.shape[axis] as number), 0);
  const shape = first.shape.map((own, i) => (i === axis ? length : own));
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let begin = 0;
  for (const part of inputs) {
    walk(part.shape, strides, begin * (strides[axis] as number), (from, to) => {
      out[to] = part.data[from] as number;
    });
    begin += part.shape[axis] as number;
  }
  return { data: out, shape };
}

function matMul([a, b]: Inputs): Float64Tensor {
  const [left, right] = [a as Float64Tensor, b as Float64Tensor];
  const [n, k] = left.shape.slice(-2) as [number, number];
  const m = right.shape.at(-1) as number;
  const shape = [...left.shape.slice(0, -1), m];
  const out = new Float64Array(sizeOf(shape));
  const rows = sizeOf(left.shape.slice(0, -1));
  for (let row = 0; row < rows; row++) {
    const matrix = Math.floor(row / n) * k * m;
    for (let i = 0; i < k; i++) {
      const scale = left.data[row * k + i] as number;
      for (let j = 0; j < m; j++) {
        const to = row * m + j;
        out[to] = (out[to] as number) + scale * (right.data[matrix + i * m + j] as number);
      }
    }
  }
  return { data: out, shape };
}

export const structureKernels = {
  sum: reduce(0, (total, x) => total + x),
  max: reduce(Number.NEGATIVE_INFINITY, Math.max),
  broadcastTo: ([x]: Inputs, { shape }: ShapeAttrs) =>
    gather(x as Float64Tensor, shape, broadcastStrides((x as Float64Tensor).shape, shape), 0),
  reshape: ([x]: Inputs, { shape }: ShapeAttrs) => ({ data: (x as Float64Tensor).data, shape }),
  transpose: ([x]: Inputs, { permutation }: TransposeAttrs) => {
    const { shape } = x as Float64Tensor;
    const strides = stridesOf(shape);
    return gather(
      x as Float64Tensor,
      permutation.map((axis) => shape[axis] as number),
      permutation.map((axis) => strides[axis] as number),
      0,
    );
  },
  slice: ([x]: Inputs, { begin, size }: SliceAttrs) => {
    const strides = stridesOf((x as Float64Tensor).shape);
    const start = begin.reduce((at, index, axis) => at + index * (strides[axis] as number), 0);
    return gather(x as Float64Tensor, size, strides, start);
  },
  pad,
  concat,
  matMul,
} satisfies Kernels<Float64Tensor>;
