export { DEFAULT_CONFIG, type NetworkConfig, networkConfig } from './config.js';
export { fusion, fusionConfigOf, fusionNetwork } from './fusion.js';
export { type Network, parameterCount } from './network.js';
export { expectParameters, initialise, type ParameterSpecs, type Start } from './parameters.js';
export { type LossWeights, proposal, proposalNetwork } from './proposal.js';
export { type Reconstruction, reconstruction, reconstructionNetwork } from './reconstruction.js';
export { decodeSafetensors, type SafetensorsContent } from './weights/decode-safetensors.js';
export { encodeSafetensors } from './weights/encode-safetensors.js';
