import type { Engine } from '@refusion/autodiff';
import { expectOneOf } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { ENGINES, type EngineName, type EngineOptions, startBackend } from './backend.js';
import { type Device, tensorFlowEngine } from './interpreter.js';
import { convolutionKernels } from './kernels/convolution.js';
import { elementwiseKernels } from './kernels/elementwise.js';
import { structureKernels } from './kernels/structure.js';
import { wasmKernels } from './wasm/index.js';
import { memoryGuard } from './wasm/memory.js';

const KERNELS = { ...elementwiseKernels, ...structureKernels, ...convolutionKernels };

/**
 * The op set on TensorFlow.js, float32.
 *
 * @param name `wasm`, WebAssembly, the default; or `cpu`, plain JavaScript, slow, for tests
 * @returns an engine whose tensors are TensorFlow.js tensors of that backend
 * @throws OptionError if there is no engine of this name; RefusionError if its backend does not start
 * @example
 * const { ops, read } = await loadEngine('wasm');
 * await read(ops.add(ops.constant([1, 2], [2]), 1)); // [2, 3]
 */
export async function loadEngine(
  name: EngineName = ENGINES[0],
  options: EngineOptions = {},
): Promise<Engine> {
  expectOneOf('loadEngine', 'the engine', name, ENGINES);
  const backend = await startBackend(name, options);
  return tensorFlowEngine(name === 'wasm' ? wasmDevice(backend as BackendWasm) : cpuDevice(backend));
}

function wasmDevice(backend: BackendWasm): Device {
  const kernels = { ...KERNELS, ...wasmKernels(backend) };
  return { name: 'wasm', backend, kernels, guard: memoryGuard(backend) };
}

function cpuDevice(backend: KernelBackend): Device {
  return { name: 'cpu', backend, kernels: KERNELS, guard: (_where, make) => make() };
}
