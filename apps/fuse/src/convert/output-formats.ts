import { extname } from 'node:path';
import type { NdArray, Params } from '@refusion/core';
import { OptionError } from '@refusion/core';
import { encodeSafetensors, type FloatArray } from '@refusion/networks';
import { networkModel } from '@refusion/pipeline';

/** A network's weights, checked. */
export interface NetworkWeights {
  readonly tensors: Params<NdArray<FloatArray>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A kind of file that `convert` writes. */
export interface OutputFormat {
  /** What chooses it: the end of the file's name, with the dot, in lower case. */
  readonly extension: string;
  /** The whole file. */
  readonly encode: (weights: NetworkWeights) => Uint8Array | Promise<Uint8Array>;
}

/** Every kind: another one is another entry. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = [
  { extension: '.safetensors', encode: ({ tensors, metadata }) => encodeSafetensors(tensors, metadata) },
  { extension: '.onnx', encode: ({ tensors, metadata }) => networkModel(tensors, { metadata }) },
];

/**
 * The format that a file's name asks for.
 * @throws OptionError if it asks for none that is written.
 */
export function outputFormatOf(path: string): OutputFormat {
  const extension = extname(path).toLowerCase();
  const format = OUTPUT_FORMATS.find((each) => each.extension === extension);
  if (format) return format;
  const known = OUTPUT_FORMATS.map((each) => each.extension).join(' or ');
  throw new OptionError(`convert writes files whose names end in ${known}, got "${path}"`);
}
