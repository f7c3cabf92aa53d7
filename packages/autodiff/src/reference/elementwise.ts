import { erf, sameShape, sizeOf } from '@refusion/core';
import type { Kernels } from '../interpreter.js';
import { broadcastShape } from '../shapes.js';
import { broadcastStrides, type Float64Tensor, gather } from './array.js';

function unary(fn: (x: number) => number) {
  return ([x]: readonly Float64Tensor[]): Float64Tensor => {
    const { data, shape } = x as Float64Tensor;
    return { data: data.map(fn), shape };
  };
}

function binary(fn: (a: number, b: number) => number) {
  return ([a, b]: readonly Float64Tensor[]): Float64Tensor => {
    const [left, right] = [a as Float64Tensor, b as Float64Tensor];
    const shape = broadcastShape('reference', left.shape, right.shape);
    const spread = (x: Float64Tensor): Float64Array =>
      sameShape(x.shape, shape) ? x.data : gather(x, shape, broadcastStrides(x.shape, shape), 0).data;
    const [as, bs] = [spread(left), spread(right)];
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = fn(as[i] as number, bs[i] as number);
    return { data, shape };
  };
}

export const elementwiseKernels = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  sqrt: unary(Math.sqrt),
  exp: unary(Math.exp),
  log: unary(Math.log),
  erf: unary(erf),
  detach: ([x]) => x as Float64Tensor,
} satisfies Kernels<Float64Tensor>;
