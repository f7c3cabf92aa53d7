import { FileError } from '@refusion/core';
import { decodeSafetensors, type SafetensorsContent } from './decode-safetensors.js';
import { authorsFusionParameters } from './pth/authors-parameters.js';
import { decodePth } from './pth/decode-pth.js';
import { LENGTH_BYTES } from './safetensors-header.js';

/** The first bytes of a zip archive, and of the legacy format's pickle (protocol 2): what PyTorch writes. */
const PTH_BEGINNINGS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x80, 0x02],
];

/**
 * Decodes weights of either format, told apart by the first bytes: safetensors, or a PyTorch state dict (`.pth`), in
 * which the authors' names are brought into order (see `authorsFusionParameters`).
 * @param source what errors call the weights, such as the file's path
 * @returns the tensors by name; the metadata is empty for a state dict
 * @throws FileError if the bytes are neither format, intact
 */
export function decodeWeights(bytes: Uint8Array, source: string): SafetensorsContent {
  const isPth = PTH_BEGINNINGS.some((beginning) => beginning.every((byte, i) => bytes[i] === byte));
  if (!isPth) {
    expectHeader(bytes, source);
    return decodeSafetensors(bytes, source);
  }
  return { tensors: authorsFusionParameters(decodePth(bytes, source).tensors), metadata: {} };
}

/** Who gives a picture is not helped by hearing of a damaged header: safetensors have a { after its length. */
function expectHeader(bytes: Uint8Array, source: string): void {
  if (bytes.length <= LENGTH_BYTES || bytes[LENGTH_BYTES] === '{'.charCodeAt(0)) return;
  throw new FileError(
    `${source}: not an intact safetensors file, nor a PyTorch state dict (.pth); give one of the two`,
  );
}
