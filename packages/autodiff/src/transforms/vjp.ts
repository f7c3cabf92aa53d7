import { leavesOf, type Shape, ShapeError, sameShape, type Tree, withLeaves } from '@refusion/core';
import type { Interpreter } from '../interpreter.js';
import type { Operation } from '../operation.js';
import { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';
import { Cotangents } from './cotangents.js';
import { distinct } from './distinct.js';

/** One evaluated operation: where the backward pass stops by. */
interface TapeNode {
  /** The values that the operation used, in the interpreter below. */
  readonly primals: readonly Tensor[];
  readonly output: Tensor;
  /** The tape's own places of the inputs; null where an input is a constant. */
  readonly parents: readonly (number | null)[];
  readonly pull: (cotangent: Tensor) => readonly (() => Tensor)[];
}

/** A value that depends on the inputs of a `vjp`. */
class Traced implements Tensor {
  readonly shape: Shape;

  constructor(
    readonly tape: Tape,
    readonly primal: Tensor,
    readonly place: number,
  ) {
    this.shape = primal.shape;
  }
}

/**
 * Evaluates on the interpreter below and writes down how to go back. Tensors that it did not make are constants to
 * it, so functions may use values from outside, those of an enclosing derivative too.
 */
class Tape implements Interpreter {
  readonly name: string;
  readonly nodes: (TapeNode | null)[] = [];

  constructor(readonly below: Ops) {
    this.name = `vjp(${below.engine})`;
  }

  input(x: Tensor): Traced {
    return new Traced(this, x, this.nodes.push(null) - 1);
  }

  placeOf(x: Tensor): number | null {
    return x instanceof Traced && x.tape === this ? x.place : null;
  }

  primalOf(x: Tensor): Tensor {
    return x instanceof Traced && x.tape === this ? x.primal : x;
  }

  constant(values: ArrayLike<number>, shape: Shape): Tensor {
    return this.below.constant(values, shape);
  }

  apply<I extends readonly Tensor[], A>(ops: Ops, operation: Operation<I, A>, inputs: I, attrs: A): Tensor {
    const parents = inputs.map((x) => this.placeOf(x));
    const primals = inputs.map((x) => this.primalOf(x)) as readonly Tensor[] as I;
    if (operation.flat || parents.every((place) => place === null)) {
      return this.below.apply(operation, primals, attrs);
    }
    if (!operation.vjp) return definitionOf(operation)(ops, inputs, attrs);
    const output = this.below.apply(operation, primals, attrs);
    const at = { inputs: primals, output, attrs, moving: parents.map((place) => place !== null) };
    const pull = (cotangent: Tensor): readonly (() => Tensor)[] =>
      operation.vjp?.(this.below, at, cotangent) ?? [];
    return new Traced(this, output, this.nodes.push({ primals, output, parents, pull }) - 1);
  }

  /** Values that the backward pass will use must outlive the scope they were made in. */
  scope<R>(fn: () => R): R {
    return fn();
  }

  release(): void {}
}

/** The definition through which an operation without rules is differentiated. */
export function definitionOf<I extends readonly Tensor[], A>(
  operation: Operation<I, A>,
): NonNullable<Operation<I, A>['define']> {
  if (!operation.define) {
    throw new TypeError(`the operation "${operation.name}" has neither a derivative rule nor a definition`);
  }
  return operation.define;
}

/** A function of the op set. Its first argument evaluates; its inputs are what derivatives are taken of. */
export type Differentiable<I extends Tree<Tensor>, O extends Tree<Tensor>> = (ops: Ops, inputs: I) => O;

export interface VjpResult<I extends Tree<Tensor>, O extends Tree<Tensor>> {
  /** The function's value. */
  readonly value: O;
  /**
   * The product of a cotangent with the Jacobian. `null` leaves stand for zero; so do inputs that the value does not
   * depend on, which get tensors of zeros.
   *
   * @param cotangents one leaf for each leaf of the value, in the order of `leavesOf(value)`
   */
  readonly pullback: (cotangents: readonly (Tensor | null)[]) => I;
}

/**
 * Reverse mode: the value of a function, and the way back from its cotangents to those of its inputs. Call both inside
 * `ops.scope`, which frees the tape; the tensors of the results are the caller's, each its own.
 *
 * @example
 * const { value, pullback } = vjp(ops, (o, x) => o.mul(x, x), ops.scalar(3));
 * const dx = pullback([ops.scalar(1)]); // 6
 */
export function vjp<I extends Tree<Tensor>, O extends Tree<Tensor>>(
  ops: Ops,
  fn: Differentiable<I, O>,
  inputs: I,
): VjpResult<I, O> {
  const tape = new Tape(ops);
  const leaves = leavesOf<Tensor>(inputs);
  const traced = leaves.map((leaf) => tape.input(leaf));
  const outputs = fn(new Ops(tape), withLeaves(inputs, traced) as I);
  const results = leavesOf<Tensor>(outputs);
  const values = distinct(
    ops,
    results.map((x) => tape.primalOf(x)),
    leaves,
  );
  return {
    value: withLeaves(outputs, values) as O,
    pullback: (cotangents) => {
      expectCotangents(results, cotangents);
      const seeds = results.map((x, i) => ({ place: tape.placeOf(x), cotangent: cotangents[i] ?? null }));
      const reached = backward(tape, seeds, leaves.length);
      const gradients = leaves.map((leaf, i) => reached[i] ?? ops.zeros(leaf.shape));
      const others = [...leaves, ...values, ...cotangents.filter((x) => x !== null)];
      return withLeaves(inputs, distinct(ops, gradients, others)) as I;
    },
  };
}

function expectCotangents(results: readonly Tensor[], cotangents: readonly (Tensor | null)[]): void {
  if (cotangents.length !== results.length) {
    throw new ShapeError(
      `pullback: the value has ${results.length} leaves, got ${cotangents.length} cotangents`,
    );
  }
  results.forEach((result, i) => {
    const cotangent = cotangents[i];
    if (cotangent && !sameShape(cotangent.shape, result.shape)) {
      throw new ShapeError(
        `pullback: cotangent ${i} must have the shape of its value [${result.shape}], got [${cotangent.shape}]`,
      );
    }
  });
}

interface Seed {
  readonly place: number | null;
  readonly cotangent: Tensor | null;
}

/** Walks the tape back and gives the cotangents of its first places, the inputs. */
function backward(tape: Tape, seeds: readonly Seed[], inputCount: number): (Tensor | undefined)[] {
  const ops = tape.below;
  const pending = new Cotangents(ops);
  for (const { place, cotangent } of seeds) {
    if (place !== null && cotangent) pending.add(place, cotangent, true);
  }
  for (let place = tape.nodes.length - 1; place >= inputCount; place--) {
    const node = tape.nodes[place];
    const cotangent = node && pending.get(place);
    if (!node || !cotangent) continue;
    const pulls = node.pull(cotangent);
    node.parents.forEach((parent, i) => {
      if (parent === null) return;
      const contribution = ops.scope(() => (pulls[i] as () => Tensor)());
      const kept = contribution === node.output || node.primals.includes(contribution);
      pending.add(parent, contribution, kept);
    });
    pending.drop(place);
  }
  return Array.from({ length: inputCount }, (_unused, place) => pending.get(place));
}
