import { FileError, type NdArray, type Params, RefusionError } from '@refusion/core';
import { expectParameters, fusionConfigOf, fusionNetwork, type NetworkConfig } from '@refusion/networks';

/**
 * Checks that arrays are the parameters of a fusion network of some size, and usable as numbers.
 * @param source names the file in errors.
 * @returns the network's size.
 * @throws FileError if they belong to another architecture, or are missing, of another shape, too many, or not finite.
 */
export function expectFusionParameters(source: string, params: Params<NdArray>): NetworkConfig {
  const config = fusionConfigOf(params);
  if (!config) {
    throw new FileError(`${source}: does not hold the weights of a fusion network, choose another file`);
  }
  try {
    expectParameters(source, fusionNetwork(config).specs, params);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    throw new FileError(`${error.message}; choose a file with a whole fusion network`, { cause: error });
  }
  for (const [name, { data }] of Object.entries(params)) {
    // In float32, which engines compute in.
    if (!data.every((value) => Number.isFinite(Math.fround(value)))) {
      throw new FileError(
        `${source}: "${name}" has values that are not finite numbers, choose weights from a training that converged`,
      );
    }
  }
  return config;
}
