import type { Ops, Tensor } from '@refusion/autodiff';
import {
  expectSameShape,
  expectShape,
  type NdArray,
  type Params,
  type Rng,
  type Shape,
} from '@refusion/core';
import type { NetworkConfig } from './config.js';
import type { ParameterSpecs } from './parameters.js';

/** A network as a pair of pure functions and what is known of its parameters. */
export interface Network<Inputs extends readonly Tensor[], Output> {
  /** `fusion`, `proposal`, `reconstruction`. */
  readonly name: string;
  readonly config: NetworkConfig;
  /** Shape and start of every parameter, by the authors' names. */
  readonly specs: ParameterSpecs;
  /** Fresh parameters; the same generator state gives the same ones. */
  init(rng: Rng): Params<NdArray<Float32Array>>;
  /** The network's value; works for parameters of any size that belong together. */
  apply(ops: Ops, params: Params<Tensor>, ...inputs: Inputs): Output;
}

/** How a network is evaluated. */
export interface NetworkOptions {
  /**
   * Of a block, a backward pass keeps the input alone and makes the rest again (`recomputed`): less memory, more time,
   * the same derivatives. Default false.
   */
  readonly recompute?: boolean;
}

/** How many numbers a network's parameters are. */
export function parameterCount(specs: ParameterSpecs): number {
  return Object.values(specs).reduce(
    (total, { shape }) => total + shape.reduce((size: number, length) => size * length, 1),
    0,
  );
}

const GRAY: readonly (number | null)[] = [null, null, null, 1];

/** @throws ShapeError unless both are gray batches `[B, H, W, 1]` of one size */
export function expectSources(where: string, a: { shape: Shape }, b: { shape: Shape }): void {
  expectShape(where, 'a', a, GRAY);
  expectSameShape(where, 'b', b, 'a', a);
}

/** @throws ShapeError unless x is a gray batch `[B, H, W, 1]` */
export function expectGray(where: string, name: string, x: { shape: Shape }): void {
  expectShape(where, name, x, GRAY);
}
