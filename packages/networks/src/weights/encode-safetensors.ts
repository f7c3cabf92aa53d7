import { isContiguous, type NdArray, OptionError, ShapeError } from '@refusion/core';
import type { FloatArray } from './decode-safetensors.js';
import { LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from './safetensors-header.js';

/** Headers are padded to a multiple of this, the bytes of the widest number. */
const ALIGNMENT = 8;

type Named = readonly [name: string, tensor: NdArray<FloatArray>];

/**
 * Writes tensors as a safetensors file: float64 arrays as F64, float32 arrays as F32. As in the reference
 * implementation, F64 comes before F32 and names are in order within each, and the header is padded with spaces, so
 * that every number is aligned. The same tensors give the same bytes.
 *
 * @param tensors By name; row-major without gaps.
 * @param metadata Free text for the header's `__metadata__`, which is left out where there is none.
 * @returns The whole file.
 * @throws OptionError if a tensor is called `__metadata__`, the one name that the format keeps for itself.
 * @throws ShapeError if an array has gaps, or other elements than its shape says.
 * @example
 * const bytes = encodeSafetensors({ bias: ndarray(new Float32Array([1, 2]), [2]) }, { epoch: '3' });
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, NdArray<FloatArray>>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = Object.entries(tensors).sort(inFileOrder);
  ordered.forEach(expectWritable);
  const header = new TextEncoder().encode(headerJson(ordered, metadata));
  const headerLength = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  if (headerLength > MAX_HEADER_BYTES) {
    throw new OptionError(
      `encodeSafetensors: names and metadata take ${headerLength} bytes, shorten them to at most ${MAX_HEADER_BYTES}`,
    );
  }
  const dataStart = LENGTH_BYTES + headerLength;
  const bytes = new Uint8Array(ordered.reduce((size, [, { data }]) => size + data.byteLength, dataStart));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(header, LENGTH_BYTES);
  bytes.fill(' '.charCodeAt(0), LENGTH_BYTES + header.length, dataStart);
  let at = dataStart;
  for (const [, { data }] of ordered) {
    writeNumbers(view, at, data);
    at += data.byteLength;
  }
  return bytes;
}

function inFileOrder([nameA, a]: Named, [nameB, b]: Named): number {
  return b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1);
}

function expectWritable([name, tensor]: Named): void {
  if (name === METADATA_KEY) {
    throw new OptionError(
      `encodeSafetensors: a tensor cannot be called ${METADATA_KEY}, choose another name`,
    );
  }
  if (!isContiguous(tensor)) {
    throw new ShapeError(
      `encodeSafetensors: "${name}" must be row-major without gaps and have the elements of its shape [${tensor.shape}], got a buffer of ${tensor.data.length}`,
    );
  }
}

function headerJson(ordered: readonly Named[], metadata: Readonly<Record<string, string>>): string {
  let at = 0;
  // Joined by hand: an object would move names such as "0" to its front.
  const fields = ordered.map(([name, { data, shape }]) => {
    const dtype = data instanceof Float64Array ? 'F64' : 'F32';
    const begin = at;
    at += data.byteLength;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, at] })}`;
  });
  if (Object.keys(metadata).length > 0) {
    fields.unshift(`${JSON.stringify(METADATA_KEY)}:${JSON.stringify(metadata)}`);
  }
  return `{${fields.join(',')}}`;
}

function writeNumbers(view: DataView, start: number, data: FloatArray): void {
  data.forEach((value, i) => {
    const at = start + i * data.BYTES_PER_ELEMENT;
    if (data instanceof Float64Array) view.setFloat64(at, value, true);
    else view.setFloat32(at, value, true);
  });
}
