import { existsSync } from 'node:fs';
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
 * Our kernels add in float64, and the cpu backend too. The others add long rows in float32, which is off by up to 1e-5:
 * TensorFlow.js's WebAssembly from first to last, TensorFlow and WebGPU in parts that are long themselves.
 */
const [FLOAT64, FLOAT32] = [1e-6, 2e-5];

const ALWAYS: readonly TestedEngine[] = [
  { label: 'wasm', name: 'wasm', options: {}, sums: FLOAT64 },
  { label: 'wasm, stock kernels', name: 'wasm', options: { kernels: 'stock' }, sums: FLOAT32 },
  { label: 'cpu', name: 'cpu', options: {}, sums: FLOAT64 },
];

/** Engines that need what may not be there: tools/build-tensorflow.mjs, a GPU or Chromium's SwiftShader. */
const OPTIONAL: readonly TestedEngine[] = [
  { label: 'tensorflow', name: 'tensorflow', options: {}, sums: FLOAT32 },
  { label: 'webgpu', name: 'webgpu', options: {}, sums: FLOAT32 },
];

/** Where Chromium has its Vulkan driver for machines without a GPU. */
const SWIFTSHADER = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'].map(
  (folder) => `${folder}/vk_swiftshader_icd.json`,
);
const driver = SWIFTSHADER.find((path) => existsSync(path));
if (driver) process.env['VK_ICD_FILENAMES'] ??= driver;

async function whyNot({ name }: TestedEngine): Promise<string | null> {
  return loadEngine(name).then(
    () => null,
    (error: Error) => error.message,
  );
}
const reasons = await Promise.all(OPTIONAL.map(whyNot));

/** The engines that load here. */
export const TESTED = [...ALWAYS, ...OPTIONAL.filter((_engine, i) => reasons[i] === null)];

/** The others, and why they do not. */
export const UNTESTED = OPTIONAL.map((engine, i) => ({ ...engine, reason: reasons[i] })).filter(
  ({ reason }) => reason !== null,
);

/** Their names, each once. */
export const TESTED_NAMES = [...new Set(TESTED.map(({ name }) => name))];

export function load({ name, options }: TestedEngine): Promise<TensorFlowEngine> {
  return loadEngine(name, options);
}
