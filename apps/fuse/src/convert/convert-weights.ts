import { basename, extname } from 'node:path';
import { FileError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import type { NetworkConfig, NetworkName } from '@refusion/networks';
import { readWeights } from '@refusion/networks/node';
import { expectNetworkParameters } from '@refusion/pipeline';
import { type TaskName, taskOf } from '../tasks.js';
import { outputFormatOf } from './output-formats.js';

/** What a conversion has done. */
export interface Conversion {
  readonly input: string;
  readonly output: string;
  /** Which of the three networks it is. */
  readonly kind: NetworkName;
  /** Its size. */
  readonly network: NetworkConfig;
  readonly parameters: number;
  /** The free text in the written file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes the weights of a network, F, P or R, in the format that the output's name asks for. What the input says about itself
 * is kept; what it is, and where it came from, is added.
 * @param input a safetensors file or a PyTorch state dict.
 * @param task what the weights were trained for, where the user says it.
 * @throws OptionError if the output's name asks for no format that is written, or the input states another task; FileError if the input cannot be read or
 * is none of these networks', or the output cannot be written. A file of the output's name is replaced whole, or not at all.
 */
export async function convertWeights(input: string, output: string, task?: TaskName): Promise<Conversion> {
  const { encode } = outputFormatOf(output);
  if (extname(input).toLowerCase() === '.onnx') {
    throw new FileError(
      `${input}: an ONNX model cannot be converted back; give the weights that it was made of (.safetensors, .pth)`,
    );
  }
  const read = await readWeights(input);
  taskOf(task, read.metadata, input);
  const { name: kind, config } = expectNetworkParameters(input, read.tensors);
  const metadata = {
    source: basename(input),
    ...read.metadata,
    format: 'refusion',
    network: kind,
    ...(task === undefined ? {} : { task }),
  };
  await writeFileAtomic(output, await encode({ tensors: read.tensors, metadata }));
  return {
    input,
    output,
    kind,
    network: config,
    parameters: Object.values(read.tensors).reduce((total, { data }) => total + data.length, 0),
    metadata,
  };
}
