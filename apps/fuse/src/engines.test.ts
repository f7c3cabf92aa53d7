import { RefusionError } from '@refusion/core';
import { afterEach, expect, it, vi } from 'vitest';
import { startEngine } from './engines.js';

const knownProviders = vi.hoisted(() => vi.fn<() => Promise<string[]>>());
vi.mock('@refusion/onnx/node', () => ({ knownProviders, expectProvider: knownProviders }));
afterEach(() => {
  knownProviders.mockReset();
});

it('takes onnxruntime by default', async () => {
  knownProviders.mockResolvedValue(['cpu']);
  const warn = vi.fn();
  expect((await startEngine({ warn })).name).toBe('onnx');
  expect(warn).not.toHaveBeenCalled();
});

it('takes WebAssembly where onnxruntime does not load, and says why, unless onnxruntime was asked for', async () => {
  knownProviders.mockRejectedValue(new RefusionError('onnxruntime-node does not load on this machine'));
  const warn = vi.fn();
  expect((await startEngine({ warn })).name).toBe('wasm');
  expect(warn.mock.calls).toEqual([
    ['onnxruntime-node does not load on this machine; the engine wasm takes its place, which is slower'],
  ]);
  await expect(startEngine({ name: 'onnx', warn })).rejects.toThrow('does not load');
  await expect(startEngine({ provider: 'cuda', warn })).rejects.toThrow('does not load');
});
