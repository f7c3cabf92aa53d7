import { RefusionError } from '@refusion/core';
import type * as Runtime from 'onnxruntime-node';

/** What a session can compute on, by the runtime's names. */
export type Provider = 'cpu' | 'cuda' | 'coreml' | 'dml' | 'webgpu';

let runtime: typeof Runtime | undefined;

/**
 * The runtime, loaded by this call and not by the import.
 * @throws RefusionError, in one sentence, if it is not installed or has no binary for this machine
 */
export async function loadRuntime(): Promise<typeof Runtime> {
  if (runtime) return runtime;
  try {
    const loaded = (await import('onnxruntime-node')) as typeof Runtime & { default?: typeof Runtime };
    runtime = loaded.default ?? loaded;
    // Errors come as exceptions; nothing is printed.
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new RefusionError(
      `onnxruntime-node does not load on this machine (${process.platform} ${process.arch}): ${reason}`,
      { cause },
    );
  }
}

/** Every provider, the one that is always there first. */
export const PROVIDERS: readonly Provider[] = ['cpu', 'cuda', 'coreml', 'dml', 'webgpu'];

/**
 * The providers that the installed build of the runtime knows. Whether they start depends on the machine, and on libraries
 * that are installed apart: `availableProviders` tells.
 * @throws RefusionError if the runtime does not load
 */
export async function knownProviders(): Promise<Provider[]> {
  const names = (await loadRuntime()).listSupportedBackends().map(({ name }) => name);
  return PROVIDERS.filter((provider) => names.includes(provider));
}
