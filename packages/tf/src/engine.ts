import type { Engine } from '@refusion/autodiff';
import { expectInteger, expectOneOf } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { type EngineOptions, startBackend } from './backend.js';
import { type Device, tensorFlowEngine } from './interpreter.js';
import { convolutionKernels } from './kernels/convolution.js';
import { elementwiseKernels } from './kernels/elementwise.js';
import { stockWasmKernels } from './kernels/stock-wasm.js';
import { structureKernels } from './kernels/structure.js';
import { ENGINES, type EngineName, KERNEL_CHOICES, type KernelChoice } from './names.js';
import { ownKernels } from './wasm/index.js';
import { memoryGuard } from './wasm/memory.js';
import { connectSimd } from './wasm/simd.js';

/** An engine of this package. */
export interface TensorFlowEngine extends Engine {
  /** Whose kernels it runs. */
  readonly kernels: KernelChoice;
}

const KERNELS = { ...elementwiseKernels, ...structureKernels, ...convolutionKernels };

/** WebGPU's sigmoid and softmax make numbers of NaN; the op set's definitions do not. */
function webGpuKernels(): Device['kernels'] {
  const { sigmoid: _sigmoid, softmax: _softmax, ...others } = KERNELS;
  return others;
}

/**
 * The op set on TensorFlow.js, float32.
 *
 * @param name `wasm`, WebAssembly, the default; `tensorflow`, TensorFlow on the CPU or a CUDA GPU, in Node; `webgpu`, any
 * GPU; or `cpu`, plain JavaScript, slow, for tests
 * @returns an engine whose tensors are TensorFlow.js tensors of that backend
 * @throws OptionError if there is no engine or no choice of kernels of this name; RefusionError if its backend does not
 * start, with what to do
 * @example
 * const { ops, read } = await loadEngine('wasm');
 * await read(ops.add(ops.constant([1, 2], [2]), 1)); // [2, 3]
 */
export async function loadEngine(
  name: EngineName = ENGINES[0],
  options: EngineOptions = {},
): Promise<TensorFlowEngine> {
  expectOneOf('loadEngine', 'the engine', name, ENGINES);
  const { kernels = 'own', threads } = options;
  expectOneOf('loadEngine', 'kernels', kernels, KERNEL_CHOICES);
  if (threads !== undefined) expectInteger('loadEngine', 'threads', threads, 1);
  const backend = await startBackend(name, options);
  return name === 'wasm' ? wasmEngine(backend as BackendWasm, kernels) : stockEngine(name, backend);
}

async function wasmEngine(backend: BackendWasm, choice: KernelChoice): Promise<TensorFlowEngine> {
  const guard = memoryGuard(backend);
  const engineOf = (kernels: Device['kernels']): Engine =>
    tensorFlowEngine({ name: 'wasm', backend, kernels: { ...KERNELS, ...kernels }, guard });
  const stock = engineOf(stockWasmKernels);
  if (choice === 'stock') return { ...stock, kernels: 'stock' };
  try {
    const simd = await connectSimd(backend);
    return { ...engineOf({ ...stockWasmKernels, ...ownKernels(backend, simd) }), kernels: 'own' };
  } catch (error) {
    const remark = `wasm: runs TensorFlow.js's own kernels, which take several times as long, for ours do not fit this backend: ${reasonOf(error)}`;
    return { ...stock, kernels: 'stock', remark };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stockEngine(name: EngineName, backend: KernelBackend): TensorFlowEngine {
  const kernels = name === 'webgpu' ? webGpuKernels() : KERNELS;
  const engine = tensorFlowEngine({ name, backend, kernels, guard: (_where, make) => make() });
  return { ...engine, kernels: 'stock' };
}
