import { applyWithKernels, type Engine, type Kernels, Ops, type Tensor } from '@refusion/autodiff';
import { leavesOf } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from './backend.js';
import type { EngineName } from './names.js';
import { ownTensor, tensorFlowTensor } from './tensor.js';

/** Runs what makes a tensor; explains in a sentence why it could not. */
export type Guard = (where: string, make: () => tf.Tensor) => tf.Tensor;

/** What the op set runs on. */
export interface Device {
  readonly name: EngineName;
  readonly backend: tf.KernelBackend;
  readonly kernels: Kernels<tf.Tensor>;
  readonly guard: Guard;
}

/**
 * The op set on a backend of TensorFlow.js. Tensors are TensorFlow.js's own; those of other code on the same backend
 * can be used as they are. TensorFlow.js's tape is not used.
 */
export function tensorFlowEngine({ name, backend, kernels, guard }: Device): Engine {
  const own = (x: Tensor): tf.Tensor => ownTensor(name, backend, x);
  const release = (x: Tensor): void => tensorFlowTensor(name, x).dispose();
  const ops = new Ops({
    name,
    constant: (values, shape) => {
      useBackend(name);
      return guard('constant', () => tf.tensor(new Float32Array(values), [...shape], 'float32'));
    },
    apply: (set, operation, inputs, attrs) => {
      const tensors = inputs.map(own);
      useBackend(name);
      return guard(operation.name, () =>
        tf.tidy(() => own(applyWithKernels(set, kernels, operation, tensors, inputs, attrs))),
      );
    },
    scope,
    release,
  });
  return {
    name,
    ops,
    read: async (x) => (await own(x).data<'float32'>()).slice(),
    tensorCount: () => tf.engine().state.numTensors,
    release: (tree) => {
      for (const leaf of leavesOf<Tensor>(tree)) release(leaf);
    },
  };
}

/** Frees the tensors that a function makes, but those that its result holds in lists and records. */
function scope<R>(fn: () => R): R {
  let result: R | undefined;
  tf.tidy(() => {
    result = fn();
    if (result instanceof Promise) throw new TypeError('scope: the function must not be asynchronous');
    return result as tf.TensorContainer;
  });
  return result as R;
}
