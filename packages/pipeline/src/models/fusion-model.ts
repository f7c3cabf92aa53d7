import { FileError, type NdArray, type Params } from '@refusion/core';
import { DEFAULT_CONFIG, type NetworkConfig, networkConfig } from '@refusion/networks';
import type { ModelDescription, ModelValue } from '@refusion/onnx';
import { expectFusionParameters } from '../expect-parameters.js';
import { CONFIG, type NetworkModelOptions, networkModel } from './network-model.js';

/**
 * A fusion network as an ONNX model that any runtime opens, as `networkModel` gives it: inputs `a` and `b`, gray batches `[B, 1, H, W]` in [0, 1] of
 * any size, and the output `fused`, `[B, 1, H, W]` in (0, 1).
 *
 * @returns the bytes of an `.onnx` file
 * @throws FileError if the weights are not those of a fusion network
 * @example
 * await writeFile('ivif.onnx', fusionModel(await readWeights('ivif.pth').tensors));
 */
export function fusionModel(weights: Params<NdArray>, options: NetworkModelOptions = {}): Uint8Array {
  expectFusionParameters(options.name ?? 'weights', weights);
  return networkModel(weights, options);
}

/** The network's size, as the properties of a model of `fusionModel` state it; `null` of others. */
export function configIn(metadata: Readonly<Record<string, string>>): NetworkConfig | null {
  try {
    const config = JSON.parse(metadata[CONFIG] ?? '') as NetworkConfig;
    return Object.keys(DEFAULT_CONFIG).every((key) => Object.hasOwn(config, key))
      ? networkConfig(config)
      : null;
  } catch {
    // Others' models may call something else so.
    return null;
  }
}

/**
 * Checks that a model fuses: two gray images in, one out, of float32.
 * @throws FileError, in one sentence, if it does something else
 */
export function expectFusionModel({ inputs, outputs }: ModelDescription, name: string): void {
  if (inputs.length === 2 && outputs.length === 1 && [...inputs, ...outputs].every(isGrayBatch)) return;
  const list = (values: readonly ModelValue[]): string => values.map(describe).join(' and ') || 'nothing';
  throw new FileError(
    `${name}: not a fusion model, which takes two float images [B,1,H,W] and gives one: it takes ${list(inputs)} and gives ${list(outputs)}`,
  );
}

/** Runtimes name axes that they cannot tell; only a fixed number can be wrong. */
function isGrayBatch({ type, shape }: ModelValue): boolean {
  if (type !== 'float') return false;
  return shape === null || (shape.length === 4 && (typeof shape[1] === 'string' || shape[1] === 1));
}

function describe({ name, type, shape }: ModelValue): string {
  return `"${name}" (${type ?? 'no tensor'}${shape ? ` [${shape}]` : ''})`;
}
