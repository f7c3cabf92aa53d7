import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { SHARED_SIMD_CODE, SIMD_CODE } from './simd-code.js';
import { type WasmMemory, WebAssembly } from './web-assembly.js';

/** The address of a tensor's first number. */
export type Address = number;

/** The kernels of assembly/, which say what each does. Sums and what else ends in `64` are float64. */
export interface Simd {
  depthwise(
    x: Address,
    taps: Address,
    y: Address,
    rows: Address,
    B: number,
    H: number,
    W: number,
    C: number,
  ): void;
  depthwiseFilterGrad(
    x: Address,
    dy: Address,
    sums64: Address,
    rows: Address,
    B: number,
    H: number,
    W: number,
    C: number,
  ): void;
  product(a: Address, b: Address, y: Address, rows: number, inner: number, columns: number): void;
  crossProducts(
    left: Address,
    right: Address,
    sums64: Address,
    rows: number,
    leftColumns: number,
    rightColumns: number,
  ): void;
  sum(x: Address, y: Address, sums64: Address, before: number, reduced: number, after: number): void;
  squaredNorms(x: Address, y: Address, sums64: Address, batch: number, rows: number, columns: number): void;
  layerNorm(
    x: Address,
    scale: Address,
    shift: Address,
    y: Address,
    pixels: number,
    channels: number,
    epsilon: number,
  ): void;
  layerNormInputGrad(
    x: Address,
    d: Address,
    y: Address,
    pixels: number,
    channels: number,
    epsilon: number,
  ): void;
  gelu(x: Address, y: Address, count: number): void;
  geluSlope(x: Address, y: Address, count: number): void;
  sign(x: Address, y: Address, count: number): void;
  maximum(a: Address, b: Address, y: Address, count: number): void;
}

/** The parts of the backend's module that hold its memory, by the build; its declarations leave them out. */
interface MemoryHolder {
  readonly asm?: { readonly memory?: unknown };
  readonly wasmMemory?: unknown;
}

/**
 * Puts our kernels beside the backend's, on the same memory, and tries one of them.
 * @throws Error that says in a few words what of the backend is not as TensorFlow.js 4.22 has it
 */
export async function connectSimd(backend: BackendWasm): Promise<Simd> {
  const memory = memoryOf(backend);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const code = Uint8Array.from(atob(shared ? SHARED_SIMD_CODE : SIMD_CODE), (char) => char.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  const simd = instance.exports as Simd;
  expectWorking(backend, simd);
  return simd;
}

function memoryOf({ wasm }: BackendWasm): WasmMemory {
  const { asm, wasmMemory } = wasm as MemoryHolder;
  const memory = asm?.memory ?? wasmMemory;
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new Error('its memory cannot be reached');
}

/** Runs a kernel on tensors of the backend, so that what we suppose of its internals shows where it is wrong. */
function expectWorking(backend: BackendWasm, simd: Simd): void {
  const outputs = [0, 1].map(() => backend.makeOutput([5], 'float32'));
  const [x, y] = outputs as [(typeof outputs)[number], (typeof outputs)[number]];
  try {
    (backend.typedArrayFromHeap(x) as Float32Array).set([-2, 0, 3, 5, -7]);
    simd.sign(backend.getMemoryOffset(x.dataId), backend.getMemoryOffset(y.dataId), 5);
    if (`${backend.typedArrayFromHeap(y)}` !== '-1,0,1,1,-1') {
      throw new Error('its tensors are not where they were expected');
    }
  } finally {
    for (const { dataId } of outputs) backend.disposeData(dataId);
  }
}
