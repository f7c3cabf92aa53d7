import { RefusionError } from '@refusion/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Import, loadTensorFlow } from './tensorflow.js';

afterEach(() => vi.unstubAllEnvs());

const missing: Import = async (name) => {
  throw Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
};

/** An import that does what each package's name stands for, and keeps the names. */
function importing(packages: Readonly<Record<string, Error | 'works'>>): { names: string[]; load: Import } {
  const names: string[] = [];
  const load: Import = async (name) => {
    names.push(name);
    const outcome = packages[name];
    if (outcome === undefined) return missing(name);
    if (outcome !== 'works') throw outcome;
    return {};
  };
  return { names, load };
}

const GPU = '@tensorflow/tfjs-node-gpu';
const CPU = '@tensorflow/tfjs-node';

describe('loadTensorFlow', () => {
  it('takes the package for GPUs where there is one', async () => {
    const { names, load } = importing({ [GPU]: 'works', [CPU]: 'works' });
    await loadTensorFlow(undefined, load);
    expect(names).toEqual([GPU]);
  });

  it.each([{}, { [GPU]: new Error('libcudart.so.11.0: cannot open shared object file') }])(
    'takes the one for the CPU where that for GPUs is missing or does not load',
    async (gpu) => {
      const { names, load } = importing({ ...gpu, [CPU]: 'works' });
      await loadTensorFlow(undefined, load);
      expect(names).toEqual([GPU, CPU]);
    },
  );

  it('says what to install', async () => {
    const loading = loadTensorFlow(undefined, missing);
    await expect(loading).rejects.toThrow(RefusionError);
    await expect(loading).rejects.toThrow(
      'tensorflow: needs Node and the package @tensorflow/tfjs-node, or @tensorflow/tfjs-node-gpu for a CUDA GPU; install it beside @refusion/tf, or use the engine wasm',
    );
  });

  it('says why what is installed does not load, in one line', async () => {
    const noAddon = new Error(
      'The Node.js native addon module (tfjs_binding.node) can not be found.\nRun ...',
    );
    const { load } = importing({ [CPU]: noAddon });
    await expect(loadTensorFlow(undefined, load)).rejects.toThrow(
      new RefusionError(
        'tensorflow: @tensorflow/tfjs-node is installed but does not load: The Node.js native addon module (tfjs_binding.node) can not be found.',
      ),
    );
  });

  it('does not take a missing dependency for a missing package', async () => {
    const { load } = importing({
      [CPU]: Object.assign(new Error("Cannot find module 'adm-zip'"), { code: 'MODULE_NOT_FOUND' }),
    });
    await expect(loadTensorFlow(undefined, load)).rejects.toThrow(
      "@tensorflow/tfjs-node is installed but does not load: Cannot find module 'adm-zip'",
    );
  });

  it('puts back what newer versions of Node took away, and tells how many threads to use', async () => {
    const util = process.getBuiltinModule('node:util') as unknown as Record<string, unknown>;
    const kept = { isNullOrUndefined: util['isNullOrUndefined'], isArray: util['isArray'] };
    for (const name of Object.keys(kept)) delete util[name];
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '');
    try {
      await loadTensorFlow(3, importing({ [CPU]: 'works' }).load);
      const { isNullOrUndefined, isArray } = util as Record<string, (value: unknown) => boolean>;
      expect([null, undefined, 0, ''].map((value) => isNullOrUndefined?.(value))).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect([isArray?.([]), isArray?.({})]).toEqual([true, false]);
      expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('3');
    } finally {
      Object.assign(util, kept);
    }
  });
});
