/** What is used here of WebAssembly's JavaScript interface, which TypeScript declares for browsers alone. */
interface WebAssemblyInterface {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  instantiate(
    code: Uint8Array,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ): Promise<{ readonly instance: { readonly exports: object } }>;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
