import type { Ops } from './ops.js';
import type { Tensor } from './tensor.js';

/** Attributes of an operation that has none. */
export type None = Readonly<Record<string, never>>;
export const NONE: None = Object.freeze({});

/** One evaluated operation, as its derivative rules see it. */
export interface Evaluation<I extends readonly Tensor[], A> {
  readonly inputs: I;
  readonly output: Tensor;
  readonly attrs: A;
}

/** The same, for a way back. */
export interface TapedEvaluation<I extends readonly Tensor[], A> extends Evaluation<I, A> {
  /** Whether an input depends on what is differentiated; the cotangents of the others are not asked for. */
  readonly moving: readonly boolean[];
}

/** A tangent for each input; `null` where the input does not move. At least one is not `null`. */
export type Tangents<I extends readonly Tensor[]> = { readonly [K in keyof I]: Tensor | null };

/**
 * An operation of the op set. A *primitive* has no `define`: every interpreter has a kernel for it. A *composite* has
 * one, in terms of other operations; an interpreter may have a kernel for it all the same.
 *
 * The rules are written in operations too, so they work on every interpreter and can be differentiated again. A
 * composite may leave them out: it is then differentiated through its definition. One that has them costs a single
 * place on the tape, and its intermediate values are not kept for the backward pass.
 */
export interface Operation<I extends readonly Tensor[] = readonly Tensor[], A = unknown> {
  readonly name: string;
  /** The derivative is zero everywhere: `sign`, `detach`. Such an operation has no rules. */
  readonly flat?: true;
  define?(ops: Ops, inputs: I, attrs: A): Tensor;
  /**
   * For each input the cotangent that the output's cotangent gives it, computed only when called: a new tensor, the
   * cotangent itself, an input or the output. It is freed when it has been used, unless it is one of the last three.
   */
  vjp?(ops: Ops, at: TapedEvaluation<I, A>, cotangent: Tensor): { readonly [K in keyof I]: () => Tensor };
  /** The output's tangent. */
  jvp?(ops: Ops, at: Evaluation<I, A>, tangents: Tangents<I>): Tensor;
}

/** The sum of those terms that are there. Rules call it with at least one. */
export function sumOfTerms(ops: Ops, terms: readonly (Tensor | null)[]): Tensor {
  const present = terms.filter((term) => term !== null);
  return present.reduce((total, term) => ops.add(total, term));
}

/** Applies a function to a tangent that is there. */
export function moved(tangent: Tensor | null, fn: (tangent: Tensor) => Tensor): Tensor | null {
  return tangent === null ? null : fn(tangent);
}
