import type { None, Operation, Tensor } from '@refusion/autodiff';
import { expectSameShape, RefusionError, ShapeError } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';

/** The value, from the inputs. */
export type Forward = (...inputs: tf.Tensor[]) => tf.Tensor;

/** A cotangent for each input, from the output's. */
export type Gradient = (cotangent: tf.Tensor, ...inputs: tf.Tensor[]) => readonly tf.Tensor[];

/**
 * An operation written in TensorFlow.js, for functions that the op set cannot express. It runs on the engines of this
 * package alone and has first derivatives in reverse mode: no forward mode, no derivative of a derivative. In both
 * functions, which need not clean up, TensorFlow.js's current backend is the engine's.
 *
 * @param name for error messages
 * @param gradient the vector-Jacobian products; called once for each input that a derivative is taken of
 * @returns an operation for `ops.apply(operation, inputs, NONE)`
 * @example
 * const softplus = tensorflowOperation(
 *   'softplus',
 *   (x) => tf.softplus(x),
 *   (dy, x) => [tf.mul(dy, tf.sigmoid(x))],
 * );
 */
export function tensorflowOperation(
  name: string,
  forward: Forward,
  gradient: Gradient,
): Operation<readonly Tensor[], None> {
  return {
    name,
    define: (_ops, inputs) => forward(...inputs.map((x) => expectTensorFlow(name, x))),
    vjp: (ops, { inputs }, cotangent) =>
      inputs.map(
        (_input, index) => () => ops.apply(gradientOf(name, gradient), [cotangent, ...inputs], { index }),
      ),
    jvp: () => refuse(name, 'forward mode'),
  };
}

/** The cotangent of one input. */
function gradientOf(
  name: string,
  gradient: Gradient,
): Operation<readonly Tensor[], { readonly index: number }> {
  return {
    name: `${name}'s gradient`,
    define: (_ops, tensors, { index }) => {
      const [cotangent, ...inputs] = tensors.map((x) => expectTensorFlow(name, x));
      const cotangents = gradient(cotangent as tf.Tensor, ...inputs);
      if (cotangents.length !== inputs.length) {
        throw new ShapeError(
          `${name}: the gradient must be ${inputs.length} tensors, one for each input, got ${cotangents.length}`,
        );
      }
      const [dx, x] = [cotangents[index] as tf.Tensor, inputs[index] as tf.Tensor];
      expectSameShape(name, `gradient ${index}`, dx, `input ${index}`, x);
      return dx;
    },
    vjp: () => refuse(name, 'second derivatives'),
    jvp: () => refuse(name, 'second derivatives'),
  };
}

function expectTensorFlow(name: string, x: Tensor): tf.Tensor {
  if (x instanceof tf.Tensor) return x;
  throw new RefusionError(
    `${name}: is written in TensorFlow.js and runs on the engines of @refusion/tf alone; write it in the op set for others`,
  );
}

function refuse(name: string, what: string): never {
  throw new RefusionError(
    `${name}: is written in TensorFlow.js with first derivatives in reverse mode alone; write it in the op set for ${what}`,
  );
}
