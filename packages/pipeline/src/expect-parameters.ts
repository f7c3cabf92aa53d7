import {
  FileError,
  isRecord,
  kindOf,
  type NdArray,
  OptionError,
  type Params,
  RefusionError,
} from '@refusion/core';
import {
  expectParameters,
  fusionNetwork,
  type NetworkConfig,
  type ParameterSpecs,
  proposalNetwork,
  type RecognisedNetwork,
  recogniseNetwork,
  reconstructionNetwork,
} from '@refusion/networks';

const SPECS = {
  fusion: (config: NetworkConfig): ParameterSpecs => fusionNetwork(config).specs,
  proposal: (config: NetworkConfig): ParameterSpecs => proposalNetwork(config).specs,
  reconstruction: (config: NetworkConfig): ParameterSpecs => reconstructionNetwork(config).specs,
};

/**
 * Checks that arrays are the parameters of one of the three networks, of some size, and usable as numbers.
 * @param source names the file in errors.
 * @returns which network's they are, and its size.
 * @throws FileError if they belong to another architecture, or are missing, of another shape, too many, or not finite;
 * OptionError if they are no parameters at all, such as a path.
 */
export function expectNetworkParameters(source: string, params: Params<NdArray>): RecognisedNetwork {
  const network = networkOf(source, params);
  if (!network) {
    throw new FileError(
      `${source}: does not hold the weights of a fusion, proposal or reconstruction network, choose another file`,
    );
  }
  expectUsable(source, network, params);
  return network;
}

/**
 * Checks that arrays are the parameters of a fusion network of some size, and usable as numbers.
 * @param source names the file in errors.
 * @returns the network's size.
 * @throws as `expectNetworkParameters`, and FileError if they are another network's.
 */
export function expectFusionParameters(source: string, params: Params<NdArray>): NetworkConfig {
  const network = networkOf(source, params);
  if (network?.name !== 'fusion') {
    throw new FileError(`${source}: does not hold the weights of a fusion network, choose another file`);
  }
  expectUsable(source, network, params);
  return network.config;
}

function networkOf(source: string, params: Params<NdArray>): RecognisedNetwork | null {
  if (isRecord(params)) return recogniseNetwork(params);
  throw new OptionError(
    `${source}: give the bytes of a weight file or the parameters by name, got ${kindOf(params)}`,
  );
}

function expectUsable(source: string, { name, config }: RecognisedNetwork, params: Params<NdArray>): void {
  try {
    expectParameters(source, SPECS[name](config), params);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    throw new FileError(`${error.message}; choose a file with a whole ${name} network`, { cause: error });
  }
  for (const [parameter, { data }] of Object.entries(params)) {
    // In float32, which engines compute in.
    if (!data.every((value) => Number.isFinite(Math.fround(value)))) {
      throw new FileError(
        `${source}: "${parameter}" has values that are not finite numbers, choose weights from a training that converged`,
      );
    }
  }
}
