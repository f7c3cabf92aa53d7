import {
  expectInteger,
  expectShape,
  OptionError,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '@refusion/core';
import { gelu, geluSlope, prelu, sigmoid } from './composites/activations.js';
import { gram, squaredNorms } from './composites/gram.js';
import { layerNorm } from './composites/layer-norm.js';
import { softmax } from './composites/softmax.js';
import type { Interpreter } from './interpreter.js';
import { NONE, type None, type Operation } from './operation.js';
import { type Convolution, conv3x3, depthwise, pointwise } from './primitives/convolution.js';
import * as elementwise from './primitives/elementwise.js';
import * as reduce from './primitives/reduce.js';
import * as structure from './primitives/structure.js';
import { axisOf, broadcastShape, expectFilter, expectLengths } from './shapes.js';
import type { Tensor } from './tensor.js';

/** A tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number;

export interface ReduceOptions {
  /** Reduced axes stay, with length 1. Default: false. */
  readonly keepDims?: boolean;
}

/**
 * The op set: what networks and losses are written in. The same code runs on every interpreter, and through `vjp`
 * and `jvp` its derivatives do too. Binary operations broadcast as NumPy does; axes may be negative.
 *
 * Every method throws a ShapeError that names the operation and what came, where shapes do not fit. A method may return
 * its argument where nothing is to be done, so free by `scope`; `release` only what is known to be new.
 */
export class Ops {
  constructor(private readonly interpreter: Interpreter) {}

  /** The name of the engine that evaluates. */
  get engine(): string {
    return this.interpreter.name;
  }

  /** Evaluates any operation: one of these, or a composite of a user's own. */
  apply<I extends readonly Tensor[], A>(operation: Operation<I, A>, inputs: I, attrs: A): Tensor {
    return this.interpreter.apply(this, operation, inputs, attrs);
  }

  /** Runs a function and frees every tensor made in it but those that its result, a value in lists and records, holds. */
  scope<R>(fn: () => R): R {
    return this.interpreter.scope(fn);
  }

  /** Frees a tensor that nobody will use again; does nothing while a derivative is being traced. */
  release(x: Tensor): void {
    this.interpreter.release(x);
  }

  // ---- constants

  /** A tensor of given values, row-major. */
  constant(values: ArrayLike<number>, shape: Shape): Tensor {
    expectLengths('constant', shape);
    if (values.length !== sizeOf(shape)) {
      throw new ShapeError(
        `constant: the shape [${shape}] needs ${sizeOf(shape)} values, got ${values.length}`,
      );
    }
    return this.interpreter.constant(values, shape);
  }

  scalar(value: number): Tensor {
    return this.interpreter.constant([value], []);
  }

  /** One value at every place. */
  fill(shape: Shape, value: number): Tensor {
    return this.broadcastTo(this.scalar(value), shape);
  }

  zeros(shape: Shape): Tensor {
    return this.fill(shape, 0);
  }

  // ---- elementwise

  add(a: Operand, b: Operand): Tensor {
    return this.binary(elementwise.add, a, b);
  }

  sub(a: Operand, b: Operand): Tensor {
    return this.binary(elementwise.sub, a, b);
  }

  mul(a: Operand, b: Operand): Tensor {
    return this.binary(elementwise.mul, a, b);
  }

  div(a: Operand, b: Operand): Tensor {
    return this.binary(elementwise.div, a, b);
  }

  /** The larger of two; at ties each gets half of the derivative. */
  maximum(a: Operand, b: Operand): Tensor {
    return this.binary(elementwise.maximum, a, b);
  }

  /** The smaller of two; at ties each gets half of the derivative. */
  minimum(a: Operand, b: Operand): Tensor {
    return this.neg(this.maximum(this.neg(a), this.neg(b)));
  }

  neg(x: Operand): Tensor {
    return this.unary(elementwise.neg, x);
  }

  /** |x|; the derivative at 0 is 0. */
  abs(x: Operand): Tensor {
    return this.unary(elementwise.abs, x);
  }

  /** -1, 0 or 1; the derivative is 0. */
  sign(x: Operand): Tensor {
    return this.unary(elementwise.sign, x);
  }

  /** The derivative at 0 is infinite: bound the argument from below first. */
  sqrt(x: Operand): Tensor {
    return this.unary(elementwise.sqrt, x);
  }

  square(x: Tensor): Tensor {
    return this.mul(x, x);
  }

  exp(x: Operand): Tensor {
    return this.unary(elementwise.exp, x);
  }

  /** The natural logarithm. */
  log(x: Operand): Tensor {
    return this.unary(elementwise.log, x);
  }

  /** The error function. */
  erf(x: Operand): Tensor {
    return this.unary(elementwise.erf, x);
  }

  /** The identity whose derivative is 0. */
  detach(x: Tensor): Tensor {
    return this.unary(elementwise.detach, x);
  }

  // ---- activations

  sigmoid(x: Tensor): Tensor {
    return this.apply(sigmoid, [x], NONE);
  }

  /** x Phi(x), the exact form by erf. */
  gelu(x: Tensor): Tensor {
    return this.apply(gelu, [x], NONE);
  }

  /** The derivative of `gelu`. */
  geluSlope(x: Tensor): Tensor {
    return this.apply(geluSlope, [x], NONE);
  }

  /** x where positive, `slope` x elsewhere; `slope` in [0, 1]. */
  leakyRelu(x: Tensor, slope: number): Tensor {
    if (!(slope >= 0 && slope <= 1)) {
      throw new OptionError(`leakyRelu: slope must be from 0 to 1, got ${slope}`);
    }
    return this.prelu(x, this.scalar(slope));
  }

  /**
   * x where positive, `slope` x elsewhere; a learnable slope `[1]` or `[C]`, of any value. The derivative at 0 is the
   * slope, as in PyTorch.
   */
  prelu(x: Tensor, slope: Tensor): Tensor {
    broadcastShape('prelu', x.shape, slope.shape);
    return this.apply(prelu, [x, slope], NONE);
  }

  softmax(x: Tensor, axis: number): Tensor {
    return this.apply(softmax, [x], { axis: axisOf('softmax', x, axis) });
  }

  // ---- sums

  /** The sum over some axes; over all of them by default. */
  sum(x: Tensor, axes?: readonly number[], options?: ReduceOptions): Tensor {
    return this.reduce(reduce.sum, x, axes, options);
  }

  mean(x: Tensor, axes?: readonly number[], options?: ReduceOptions): Tensor {
    const total = this.sum(x, axes, options);
    return this.mul(total, sizeOf(total.shape) / sizeOf(x.shape));
  }

  /** The largest value over some axes; over all of them by default. */
  max(x: Tensor, axes?: readonly number[], options?: ReduceOptions): Tensor {
    return this.reduce(reduce.max, x, axes, options);
  }

  broadcastTo(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x;
    if (!sameShape(broadcastShape('broadcastTo', x.shape, shape), shape)) {
      throw new ShapeError(`broadcastTo: [${x.shape}] cannot be repeated to [${shape}]`);
    }
    return this.apply(reduce.broadcastTo, [x], { shape });
  }

  /** The adjoint of `broadcastTo`: sums over the axes that were repeated. */
  unbroadcast(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x;
    const added = x.shape.length - shape.length;
    const axes = x.shape.flatMap((length, axis) => {
      const target = axis < added ? 1 : (shape[axis - added] as number);
      return target === 1 && (length !== 1 || axis < added) ? [axis] : [];
    });
    return this.reshape(this.sum(x, axes, { keepDims: true }), shape);
  }

  // ---- structure

  reshape(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x;
    expectLengths('reshape', shape);
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(
        `reshape: [${x.shape}] has ${sizeOf(x.shape)} values, [${shape}] ${sizeOf(shape)}`,
      );
    }
    return this.apply(structure.reshape, [x], { shape });
  }

  /** Output axis i is input axis `permutation[i]`. */
  transpose(x: Tensor, permutation: readonly number[]): Tensor {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new ShapeError(`transpose: [${permutation}] is not an order of the axes of [${x.shape}]`);
    }
    return this.apply(structure.transpose, [x], { permutation });
  }

  /** Exchanges the last two axes. */
  swapLast(x: Tensor): Tensor {
    const rank = x.shape.length;
    const order = x.shape.map((_length, axis) => axis);
    return this.transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
  }

  slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
    expectLengths('slice', [...begin, ...size]);
    const inside =
      begin.length === x.shape.length &&
      size.length === x.shape.length &&
      x.shape.every((length, axis) => {
        const [start, count] = [begin[axis] as number, size[axis] as number];
        return start >= 0 && count >= 1 && start + count <= length;
      });
    if (!inside) {
      throw new ShapeError(`slice: [${size}] from [${begin}] does not lie within [${x.shape}]`);
    }
    return this.apply(structure.slice, [x], { begin, size });
  }

  /** Cuts an axis into equal parts. */
  split(x: Tensor, parts: number, axis: number): Tensor[] {
    expectInteger('split', 'parts', parts, 1);
    const at = axisOf('split', x, axis);
    const length = x.shape[at] as number;
    if (length % parts !== 0) {
      throw new ShapeError(`split: axis ${at} of [${x.shape}] cannot be cut into ${parts} equal parts`);
    }
    const size = x.shape.map((whole, i) => (i === at ? length / parts : whole));
    return Array.from({ length: parts }, (_unused, part) =>
      this.slice(
        x,
        x.shape.map((_length, i) => (i === at ? (part * length) / parts : 0)),
        size,
      ),
    );
  }

  /** Surrounds with zeros. */
  pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
    if (before.length !== x.shape.length || after.length !== x.shape.length) {
      throw new ShapeError(
        `pad: needs a width for each axis of [${x.shape}], got [${before}] and [${after}]`,
      );
    }
    expectLengths('pad', [...before, ...after]);
    return this.apply(structure.pad, [x], { before, after });
  }

  concat(parts: readonly Tensor[], axis: number): Tensor {
    const first = parts[0];
    if (!first) throw new ShapeError('concat: needs at least one tensor');
    const at = axisOf('concat', first, axis);
    for (const part of parts) {
      const fits =
        part.shape.length === first.shape.length &&
        part.shape.every((length, i) => i === at || length === first.shape[i]);
      if (!fits) {
        throw new ShapeError(`concat: [${first.shape}] and [${part.shape}] differ outside axis ${at}`);
      }
    }
    return parts.length === 1 ? first : this.apply(structure.concat, parts, { axis: at });
  }

  // ---- products

  /** `[..., n, k] x [..., k, m] -> [..., n, m]` with equal leading axes. */
  matMul(a: Tensor, b: Tensor): Tensor {
    const fits =
      a.shape.length >= 2 &&
      sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2)) &&
      a.shape.at(-1) === b.shape.at(-2);
    if (!fits) throw new ShapeError(`matMul: [${a.shape}] and [${b.shape}] cannot be multiplied`);
    return this.apply(structure.matMul, [a, b], NONE);
  }

  /** `(x [B,N,I], y [B,N,J]) -> x^T y [B,I,J]`. */
  gram(x: Tensor, y: Tensor): Tensor {
    expectShape('gram', 'x', x, [null, null, null]);
    expectShape('gram', 'y', y, [x.shape[0] as number, x.shape[1] as number, null]);
    return this.apply(gram, [x, y], NONE);
  }

  /** `[B,N,C] -> [B,1,C]`: the squared length of each column. */
  squaredNorms(x: Tensor): Tensor {
    expectShape('squaredNorms', 'x', x, [null, null, null]);
    return this.apply(squaredNorms, [x], NONE);
  }

  /** 1x1 convolution: x `[B,H,W,I]`, filter `[O,I,1,1]`. */
  pointwise(x: Tensor, filter: Tensor): Tensor {
    return this.convolve(pointwise, x, filter, [null, x.shape.at(-1) as number, 1, 1]);
  }

  /** 3x3 convolution of each channel by itself, zero padding: x `[B,H,W,C]`, filter `[C,1,3,3]`. */
  depthwise(x: Tensor, filter: Tensor): Tensor {
    return this.convolve(depthwise, x, filter, [x.shape.at(-1) as number, 1, 3, 3]);
  }

  /** 3x3 convolution (cross-correlation), zero padding: x `[B,H,W,I]`, filter `[O,I,3,3]`. */
  conv3x3(x: Tensor, filter: Tensor): Tensor {
    return this.convolve(conv3x3, x, filter, [null, x.shape.at(-1) as number, 3, 3]);
  }

  /** Normalises over the last axis, then scales and shifts by `[C]`; biased variance. */
  layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): Tensor {
    const channels = [x.shape.at(-1) ?? null];
    expectShape('layerNorm', 'scale', scale, channels);
    expectShape('layerNorm', 'shift', shift, channels);
    return this.apply(layerNorm, [x, scale, shift], { epsilon });
  }

  private operand(x: Operand): Tensor {
    return typeof x === 'number' ? this.scalar(x) : x;
  }

  private unary(operation: Operation<readonly [Tensor], None>, x: Operand): Tensor {
    return this.apply(operation, [this.operand(x)], NONE);
  }

  private binary(operation: Operation<readonly [Tensor, Tensor], None>, a: Operand, b: Operand): Tensor {
    const [left, right] = [this.operand(a), this.operand(b)];
    broadcastShape(operation.name, left.shape, right.shape);
    return this.apply(operation, [left, right], NONE);
  }

  private reduce(
    operation: Operation<readonly [Tensor], reduce.AxesAttrs>,
    x: Tensor,
    axes: readonly number[] | undefined,
    options: ReduceOptions | undefined,
  ): Tensor {
    const all = x.shape.map((_length, axis) => axis);
    const wanted = new Set((axes ?? all).map((axis) => axisOf(operation.name, x, axis)));
    const reduced =
      wanted.size === 0 ? x : this.apply(operation, [x], { axes: all.filter((a) => wanted.has(a)) });
    if (options?.keepDims) return reduced;
    return this.reshape(
      reduced,
      x.shape.filter((_length, axis) => !wanted.has(axis)),
    );
  }

  private convolve(
    trio: Convolution,
    x: Tensor,
    filter: Tensor,
    expected: readonly (number | null)[],
  ): Tensor {
    expectFilter(trio.forward.name, x, filter, expected);
    return this.apply(trio.forward, [x, filter], NONE);
  }
}
