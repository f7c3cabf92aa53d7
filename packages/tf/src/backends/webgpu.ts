import { RefusionError } from '@refusion/core';

/** What is used here of `navigator.gpu` and of Node's substitute, the package `webgpu`. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

interface NodeWebGpu {
  readonly create: (options: readonly string[]) => Gpu;
  readonly globals: object;
}

const PACKAGES =
  'the package @tensorflow/tfjs-backend-webgpu and, in Node, the package webgpu: install them beside @refusion/tf, or use the engine wasm';

/**
 * Loads TensorFlow.js's backend `webgpu`: on the browser's WebGPU, or in Node on Dawn, which the package `webgpu` brings.
 * @throws RefusionError that says what to install, or that there is no GPU
 */
export async function loadWebGpu(): Promise<void> {
  const gpu = browserGpu() ?? (await nodeGpu());
  if (!(await gpu.requestAdapter())) {
    throw new RefusionError(
      'webgpu: there is no GPU that WebGPU can use here; on Linux it needs a Vulkan driver, in browsers a setting may be off',
    );
  }
  try {
    // TensorFlow.js registers the backend on import, where there is a navigator.gpu. Written out and in a `try`, so that
    // bundlers take the package in where it is installed and do not insist on it where it is not.
    await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    throw missing(cause);
  }
}

function browserGpu(): Gpu | undefined {
  return (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
}

/** Puts Dawn where TensorFlow.js looks for the browser's WebGPU. */
async function nodeGpu(): Promise<Gpu> {
  const name = 'webgpu';
  const { create, globals } = await (
    import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<NodeWebGpu>
  ).catch((cause: unknown) => {
    throw missing(cause);
  });
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const place = globalThis as { navigator?: object };
  if (!place.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(place.navigator as object, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

function missing(cause: unknown): RefusionError {
  return new RefusionError(`webgpu: needs ${PACKAGES}`, { cause });
}
