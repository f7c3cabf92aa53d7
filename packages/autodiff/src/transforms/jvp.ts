import { expectSameShape, leavesOf, type Shape, ShapeError, type Tree, withLeaves } from '@refusion/core';
import type { Interpreter } from '../interpreter.js';
import type { Operation, Tangents } from '../operation.js';
import { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';
import { distinct } from './distinct.js';
import { type Differentiable, definitionOf } from './vjp.js';

/** A value that moves with the inputs of a `jvp`, and how. */
class Dual implements Tensor {
  readonly shape: Shape;

  constructor(
    readonly trace: ForwardTrace,
    readonly primal: Tensor,
    readonly tangent: Tensor,
  ) {
    this.shape = primal.shape;
  }
}

/** Evaluates values and tangents together on the interpreter below. */
class ForwardTrace implements Interpreter {
  readonly name: string;

  constructor(private readonly below: Ops) {
    this.name = `jvp(${below.engine})`;
  }

  primalOf(x: Tensor): Tensor {
    return x instanceof Dual && x.trace === this ? x.primal : x;
  }

  tangentOf(x: Tensor): Tensor | null {
    return x instanceof Dual && x.trace === this ? x.tangent : null;
  }

  constant(values: ArrayLike<number>, shape: Shape): Tensor {
    return this.below.constant(values, shape);
  }

  apply<I extends readonly Tensor[], A>(ops: Ops, operation: Operation<I, A>, inputs: I, attrs: A): Tensor {
    const tangents = inputs.map((x) => this.tangentOf(x));
    const primals = inputs.map((x) => this.primalOf(x)) as readonly Tensor[] as I;
    if (operation.flat || tangents.every((tangent) => tangent === null)) {
      return this.below.apply(operation, primals, attrs);
    }
    if (!operation.jvp) return definitionOf(operation)(ops, inputs, attrs);
    const output = this.below.apply(operation, primals, attrs);
    const at = { inputs: primals, output, attrs };
    const tangent = this.below.scope(
      () => operation.jvp?.(this.below, at, tangents as readonly (Tensor | null)[] as Tangents<I>) as Tensor,
    );
    return new Dual(this, output, tangent);
  }

  /** Forward mode needs nothing of a scope once it ends, so memory stays as low as without derivatives. */
  scope<R>(fn: () => R): R {
    let result: R | undefined;
    this.below.scope(() => {
      result = fn();
      return this.tensorsOf(result);
    });
    return result as R;
  }

  /** The tensors below that a value in lists and records holds: both halves of each dual. */
  private tensorsOf(value: unknown): unknown[] {
    if (typeof value !== 'object' || value === null) return [];
    if (value instanceof Dual && value.trace === this) return [value.primal, value.tangent];
    const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    if (plain && !isTensor(value)) return Object.values(value).flatMap((inner) => this.tensorsOf(inner));
    return [value];
  }

  /** Tangents may be shared between duals, so nothing is freed before its scope ends. */
  release(): void {}
}

function isTensor(value: object): value is Tensor {
  return 'shape' in value && Array.isArray(value.shape);
}

export interface JvpResult<O extends Tree<Tensor>> {
  readonly value: O;
  /** The directional derivative of each leaf; zeros where it does not depend on the inputs. */
  readonly tangent: O;
}

/**
 * Forward mode: a function's value and its directional derivative J(inputs) tangents. Call it inside `ops.scope`, which
 * frees what it made on the way; the tensors of the result are the caller's, each its own.
 *
 * @param tangents the direction, of the inputs' names and shapes
 * @throws ShapeError if a tangent's shape is not its input's
 * @example
 * const { tangent } = jvp(ops, (o, x) => o.mul(x, x), ops.scalar(3), ops.scalar(1)); // 6
 */
export function jvp<I extends Tree<Tensor>, O extends Tree<Tensor>>(
  ops: Ops,
  fn: Differentiable<I, O>,
  inputs: I,
  tangents: I,
): JvpResult<O> {
  const trace = new ForwardTrace(ops);
  const leaves = leavesOf<Tensor>(inputs);
  const directions = directionsOf(inputs, tangents);
  const duals = leaves.map((leaf, i) => new Dual(trace, leaf, directions[i] as Tensor));
  const outputs = fn(new Ops(trace), withLeaves(inputs, duals) as I);
  const results = leavesOf<Tensor>(outputs);
  const values = results.map((x) => trace.primalOf(x));
  const moving = results.map((x) => trace.tangentOf(x) ?? ops.zeros(x.shape));
  const fresh = distinct(ops, [...values, ...moving], [...leaves, ...directions]);
  return {
    value: withLeaves(outputs, fresh.slice(0, results.length)) as O,
    tangent: withLeaves(outputs, fresh.slice(results.length)) as O,
  };
}

function directionsOf(inputs: Tree<Tensor>, tangents: Tree<Tensor>): Tensor[] {
  const leaves = leavesOf<Tensor>(inputs);
  const directions = leavesOf<Tensor>(tangents);
  if (leaves.length !== directions.length) {
    throw new ShapeError(`jvp: ${leaves.length} inputs need as many tangents, got ${directions.length}`);
  }
  leaves.forEach((leaf, i) => {
    expectSameShape('jvp', `tangent ${i}`, directions[i] as Tensor, 'its input', leaf);
  });
  return directions;
}
