import { RefusionError } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import { loadTensorFlow } from './backends/tensorflow.js';
import { loadWebGpu } from './backends/webgpu.js';
import type { EngineName, KernelChoice } from './names.js';

type WasmFile =
  | 'tfjs-backend-wasm.wasm'
  | 'tfjs-backend-wasm-simd.wasm'
  | 'tfjs-backend-wasm-threaded-simd.wasm';

export interface EngineOptions {
  /**
   * Where the wasm backend's files are: a folder's URL that ends in "/", or each file's URL. Needed in browsers whose
   * bundler does not serve them beside the script; in Node they are found inside their package. Read when the backend
   * starts, which it does once in a process.
   */
  readonly wasmPaths?: string | Readonly<Record<WasmFile, string>>;
  /**
   * On `wasm`: `own`, kernels of this package beside TensorFlow.js's, the default; or `stock`, TensorFlow.js's alone, to
   * compare with. The other engines have TensorFlow.js's alone.
   */
  readonly kernels?: KernelChoice;
  /**
   * Threads that an operation may use: on `tensorflow`, where all cores are the default; on `wasm` in pages that are
   * cross-origin isolated, half of the cores. Read when the backend starts.
   */
  readonly threads?: number;
}

/** TensorFlow.js keeps its backends in a registry of the process, so each starts once for all engines. */
const started = new Map<EngineName, Promise<tf.KernelBackend>>();

/**
 * Starts a backend of TensorFlow.js, or gives the one that has started.
 * @throws RefusionError if it does not start
 */
export function startBackend(name: EngineName, options: EngineOptions): Promise<tf.KernelBackend> {
  const earlier = started.get(name);
  if (earlier) return earlier;
  const starting = start(name, options).catch((cause: unknown) => {
    started.delete(name);
    if (cause instanceof RefusionError) throw cause;
    const advice = name === 'wasm' ? ': check that its .wasm files can be read (the option wasmPaths)' : '';
    throw new RefusionError(`loadEngine: TensorFlow.js could not start its ${name} backend${advice}`, {
      cause,
    });
  });
  started.set(name, starting);
  return starting;
}

/** Loads the code of each backend; it registers itself. */
const LOADERS: { readonly [K in EngineName]: (options: EngineOptions) => Promise<unknown> } = {
  wasm: async ({ wasmPaths, threads }) => {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    if (wasmPaths !== undefined) setWasmPaths(wasmPaths);
    if (threads !== undefined) setThreadsCount(threads);
  },
  tensorflow: ({ threads }) => loadTensorFlow(threads),
  webgpu: loadWebGpu,
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};

async function start(name: EngineName, options: EngineOptions): Promise<tf.KernelBackend> {
  tf.enableProdMode(); // or TensorFlow.js prints advice to the console
  await LOADERS[name](options);
  const running = tf.engine().registry[name];
  if (running) return running;
  const backend = await withoutNewListeners(async () => tf.findBackendFactory(name)());
  // While TensorFlow.js itself waits for a backend, no other can be used; so it gets a factory that need not wait.
  tf.removeBackend(name);
  tf.registerBackend(name, () => backend);
  return tf.findBackend(name);
}

/**
 * In Node, Emscripten's start-up code listens for uncaught errors of the whole process and throws them again from its
 * own minified source, which is then printed. A library has no business there, so what it adds is taken away.
 */
async function withoutNewListeners<R>(begin: () => Promise<R>): Promise<R> {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return begin();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')));
  try {
    return await begin();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i]?.has(listener)) process.removeListener(event, listener);
      }
    });
  }
}

/**
 * Makes a started backend the one that TensorFlow.js's global functions run on. The promise of `setBackend` need not
 * be awaited: for a backend that has started, the switch is complete when the call returns.
 */
export function useBackend(name: EngineName): void {
  if (tf.getBackend() !== name) void tf.setBackend(name);
}
