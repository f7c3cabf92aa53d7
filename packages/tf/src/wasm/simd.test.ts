import { readFile } from 'node:fs/promises';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { GENERATED, generate } from '../../tools/assemble.js';
import { connectSimd, type Simd } from './simd.js';
import { SHARED_SIMD_CODE, SIMD_CODE } from './simd-code.js';
import { type WasmMemory, WebAssembly } from './web-assembly.js';

it('the compiled kernels are those of assembly/: if not, npm run assembly -w @refusion/tf', async () => {
  expect(await generate()).toBe(await readFile(GENERATED, 'utf8'));
});

describe('connectSimd', () => {
  /** A backend with tensors one after another from address 64 on, in a memory of its own unless another is given. */
  function backendWith(memory: WasmMemory, tensors = memory, holder: object = { asm: { memory } }) {
    let count = 0;
    return {
      wasm: holder,
      makeOutput: () => ({ dataId: { at: 64 + 64 * count++ } }),
      getMemoryOffset: ({ at }: { at: number }) => at,
      typedArrayFromHeap: ({ dataId }: { dataId: { at: number } }) =>
        new Float32Array(tensors.buffer, dataId.at, 5),
      disposeData: () => true,
    } as unknown as BackendWasm;
  }
  const memory = (): WasmMemory => new WebAssembly.Memory({ initial: 1 });

  it('works on the memory of the backend', async () => {
    await expect(connectSimd(backendWith(memory()))).resolves.toHaveProperty('product');
  });

  it('works on a shared memory, which threaded backends have', async () => {
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const backend = backendWith(shared, shared, { wasmMemory: shared });
    await expect(connectSimd(backend)).resolves.toHaveProperty('product');
  });

  it('says that there is no memory to be had', async () => {
    const backend = backendWith(memory(), memory(), { asm: { grown: true } });
    await expect(connectSimd(backend)).rejects.toThrow('its memory cannot be reached');
  });

  it('says that tensors are elsewhere', async () => {
    const backend = backendWith(memory(), memory());
    await expect(connectSimd(backend)).rejects.toThrow('its tensors are not where they were expected');
  });
});

describe.each([
  { label: 'plain', code: SIMD_CODE, memory: { initial: 1 } },
  { label: 'shared', code: SHARED_SIMD_CODE, memory: { initial: 1, maximum: 65536, shared: true } },
])('$label code', ({ code, memory: descriptor }) => {
  it('writes nothing but what a kernel is asked to', async () => {
    const memory = new WebAssembly.Memory(descriptor);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0x55);
    const { instance } = await WebAssembly.instantiate(Buffer.from(code, 'base64'), { env: { memory } });
    expect(bytes.every((byte) => byte === 0x55)).toBe(true);
    (instance.exports as Simd).sign(1024, 2048, 7);
    const written = [...bytes.keys()].filter((i) => bytes[i] !== 0x55);
    expect([Math.min(...written), Math.max(...written)]).toEqual([2048, 2048 + 4 * 7 - 1]);
  });
});
