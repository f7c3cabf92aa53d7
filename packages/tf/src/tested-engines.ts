import { type EngineName, type EngineOptions, loadEngine, type TensorFlowEngine } from './index.js';

/** An engine that the tests of this package go through. */
export interface TestedEngine {
  /** As vitest prints it. */
  readonly label: string;
  readonly name: EngineName;
  readonly options: EngineOptions;
  /** How far sums over 65,536 numbers may be off. */
  readonly sums: number;
}

/**
 * Our kernels add in float64, and TensorFlow.js's on the plain cpu too, or pairwise. Those of WebAssembly add from first
 * to last in float32, which is off by 1e-5.
 */
const [PAIRWISE, SERIAL] = [1e-6, 2e-5];

export const TESTED: readonly TestedEngine[] = [
  { label: 'wasm', name: 'wasm', options: {}, sums: PAIRWISE },
  { label: 'wasm, stock kernels', name: 'wasm', options: { kernels: 'stock' }, sums: SERIAL },
  { label: 'cpu', name: 'cpu', options: {}, sums: PAIRWISE },
];

export function load({ name, options }: TestedEngine): Promise<TensorFlowEngine> {
  return loadEngine(name, options);
}
