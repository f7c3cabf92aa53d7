import type { Tensor } from '@refusion/autodiff';
import type { NdArray, Params } from '@refusion/core';
import { fusion, type NetworkName, proposal, reconstruction } from '@refusion/networks';
import { compile, type ModelFunction } from '@refusion/onnx';
import { expectNetworkParameters } from '../expect-parameters.js';

/** The property that holds the network's size. */
export const CONFIG = 'config';

export interface NetworkModelOptions {
  /** What errors call the weights. Default: `weights`. */
  readonly name?: string;
  /** Properties that the file carries, such as the task. The network's size is added. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The names of a network's inputs, all gray batches, and what it makes of them. */
interface Signature {
  readonly inputs: readonly string[];
  readonly fn: ModelFunction;
}

const SIGNATURES: Readonly<Record<NetworkName, Signature>> = {
  fusion: {
    inputs: ['a', 'b'],
    fn: (ops, { a, b }, params) => ({ fused: fusion(ops, params, a as Tensor, b as Tensor) }),
  },
  proposal: {
    inputs: ['a', 'b'],
    fn: (ops, { a, b }, params) => ({ ...proposal(ops, params, a as Tensor, b as Tensor) }),
  },
  reconstruction: {
    inputs: ['fused'],
    fn: (ops, { fused }, params) => ({ ...reconstruction(ops, params, fused as Tensor) }),
  },
};

/**
 * Any of the three networks, told by its parameters, as an ONNX model that any runtime opens. Images are batches of any
 * size with their channels first; sources and what is fused are gray `[B, 1, H, W]` in [0, 1].
 *
 * | network | inputs | outputs |
 * |---|---|---|
 * | fusion | `a`, `b` | `fused` |
 * | proposal | `a`, `b` | `w` and `v`, `[B, 2, H, W]`: the weights of the sources' intensities and gradients |
 * | reconstruction | `fused` | `a`, `b` |
 *
 * @returns the bytes of an `.onnx` file
 * @throws FileError if the weights are those of none of them
 * @example
 * await writeFile('proposal.onnx', networkModel((await readWeights('proposal.safetensors')).tensors));
 */
export function networkModel(weights: Params<NdArray>, options: NetworkModelOptions = {}): Uint8Array {
  const { name = 'weights', metadata = {} } = options;
  const network = expectNetworkParameters(name, weights);
  const { inputs, fn } = SIGNATURES[network.name];
  return compile(fn, {
    inputs: Object.fromEntries(inputs.map((input) => [input, { shape: ['B', 'H', 'W', 1] }])),
    params: weights,
    name: network.name,
    metadata: { ...metadata, [CONFIG]: JSON.stringify(network.config) },
  });
}
