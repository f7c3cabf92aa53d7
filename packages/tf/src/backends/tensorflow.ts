import { RefusionError } from '@refusion/core';

/** The packages that bring TensorFlow, the one for GPUs first. */
export const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** Imports a package by its name. */
export type Import = (name: string) => Promise<unknown>;

/**
 * Loads the first of TensorFlow's packages that is installed and works; it registers TensorFlow.js's backend
 * `tensorflow`.
 *
 * @param threads that an operation may use; all cores by default
 * @throws RefusionError that says what to install, or why what is installed does not load
 */
export async function loadTensorFlow(
  threads?: number,
  load: Import = (name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name),
): Promise<void> {
  prepareProcess(threads);
  const failures: string[] = [];
  for (const name of TENSORFLOW_PACKAGES) {
    try {
      await load(name);
      return;
    } catch (error) {
      if (!isMissing(error, name))
        failures.push(`${name} is installed but does not load: ${firstLine(error)}`);
    }
  }
  throw new RefusionError(
    failures.length > 0
      ? `tensorflow: ${failures.join('; ')}`
      : 'tensorflow: needs Node and the package @tensorflow/tfjs-node, or @tensorflow/tfjs-node-gpu for a CUDA GPU; install it beside @refusion/tf, or use the engine wasm',
  );
}

/**
 * Node 23 took away some functions of `util` that the binding's JavaScript calls; they are put back. TensorFlow greets on
 * stderr unless it is told not to, and learns how many threads it may use from the environment.
 */
function prepareProcess(threads: number | undefined): void {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return;
  const util = process.getBuiltinModule('node:util') as unknown as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  if (threads === undefined) return;
  for (const pool of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) {
    process.env[pool] = `${threads}`;
  }
}

/** Whether the package itself is not there, rather than something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string };
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '') && message.includes(`'${name}'`);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string;
}
