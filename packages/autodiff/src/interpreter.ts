import type { Shape } from '@refusion/core';
import type { Operation } from './operation.js';
import type { Ops } from './ops.js';
import type { Tensor } from './tensor.js';

/** What gives the op set its meaning: numbers, tensors of an engine, nodes of a graph, or a derivative's trace. */
export interface Interpreter {
  /** The engine's name, for error messages: `reference`, `wasm`, `vjp(wasm)`. */
  readonly name: string;
  /** A tensor of given values, row-major. */
  constant(values: ArrayLike<number>, shape: Shape): Tensor;
  /** Evaluates an operation. `ops` is the op set of this interpreter, for the definitions of composites. */
  apply<I extends readonly Tensor[], A>(ops: Ops, operation: Operation<I, A>, inputs: I, attrs: A): Tensor;
  /** Runs a function and frees every tensor made in it but those that its result, a value in lists and records, holds. */
  scope<R>(fn: () => R): R;
  /** Frees a tensor that nobody will use again. */
  release(x: Tensor): void;
}

/** The kernel of one operation: a function of an interpreter's own tensors. */
export type Kernel<T> = (inputs: readonly T[], attrs: never) => T;

/** Kernels by the operation's name. */
export type Kernels<T> = { readonly [name: string]: Kernel<T> };
