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
    return runtime;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new RefusionError(
      `onnxruntime-node does not load on this machine (${process.platform} ${process.arch}): ${reason}`,
      { cause },
    );
  }
}

/** The providers that the installed runtime was built with; `cpu` always. @throws RefusionError if it does not load */
export async function availableProviders(): Promise<Provider[]> {
  const { listSupportedBackends } = await loadRuntime();
  const installed = listSupportedBackends().filter(({ bundled, name }) => bundled || name === 'cpu');
  return installed.map(({ name }) => name as Provider);
}
