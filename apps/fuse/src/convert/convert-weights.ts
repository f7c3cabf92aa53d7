import { basename } from 'node:path';
import { writeFileAtomic } from '@refusion/image-io/node';
import { fusionNetwork, type NetworkConfig, parameterCount } from '@refusion/networks';
import { readWeights } from '@refusion/networks/node';
import { expectFusionParameters } from '@refusion/pipeline';
import { type TaskName, taskOf } from '../tasks.js';
import { outputFormatOf } from './output-formats.js';

/** What a conversion has done. */
export interface Conversion {
  readonly input: string;
  readonly output: string;
  readonly network: NetworkConfig;
  readonly parameters: number;
  /** The free text in the written file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes the weights of a fusion network in the format that the output's name asks for. What the input says about itself
 * is kept; what it is, and where it came from, is added.
 * @param input a safetensors file or a PyTorch state dict.
 * @param task what the weights were trained for, where the user says it.
 * @throws OptionError if the output's name asks for no format that is written, or the input states another task; FileError if the input cannot be read or
 * is no fusion network's, or the output cannot be written. A file of the output's name is replaced whole, or not at all.
 */
export async function convertWeights(input: string, output: string, task?: TaskName): Promise<Conversion> {
  const { encode } = outputFormatOf(output);
  const read = await readWeights(input);
  taskOf(task, read.metadata, input);
  const config = expectFusionParameters(input, read.tensors);
  const metadata = {
    source: basename(input),
    ...read.metadata,
    format: 'refusion',
    network: 'fusion',
    ...(task === undefined ? {} : { task }),
  };
  await writeFileAtomic(output, await encode({ tensors: read.tensors, metadata, config }));
  return {
    input,
    output,
    network: config,
    parameters: parameterCount(fusionNetwork(config).specs),
    metadata,
  };
}
