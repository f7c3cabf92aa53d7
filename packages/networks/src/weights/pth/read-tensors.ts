import { isContiguous, type NdArray, sizeOf, toFloat64 } from '@refusion/core';
import type { FloatArray } from '../decode-safetensors.js';
import type { Container } from './container.js';
import type { PickleStorage, PickleTensor } from './pickle-value.js';
import { damagedPth } from './pth-errors.js';

/**
 * Reads the numbers of tensors, row-major without gaps.
 * @param limit The most bytes that all arrays together may take.
 * @throws FileError if they would take more, or if a storage is missing.
 */
export function readTensors(
  named: ReadonlyMap<string, PickleTensor>,
  bytesOf: Container['bytesOf'],
  limit: number,
  source: string,
): Record<string, NdArray<FloatArray>> {
  expectSize([...named.values()], limit, source);
  const storages = new Map<PickleStorage, FloatArray>();
  const numbersOf = (storage: PickleStorage): FloatArray => {
    const numbers = storages.get(storage) ?? readNumbers(storage, bytesOf(storage));
    storages.set(storage, numbers);
    return numbers;
  };
  const tensors: Record<string, NdArray<FloatArray>> = Object.create(null);
  for (const [name, tensor] of named) {
    tensors[name] = { data: rowMajor(numbersOf(tensor.storage), tensor), shape: tensor.shape };
  }
  return tensors;
}

/** A step of 0 repeats numbers, so that a shape alone says nothing of the size of its file. */
function expectSize(tensors: readonly PickleTensor[], limit: number, source: string): void {
  const size = tensors.reduce(
    (total, { shape, storage }) => total + sizeOf(shape) * storage.format.array(0).BYTES_PER_ELEMENT,
    0,
  );
  // Written so that NaN, of a shape with an absurd length and a zero, does not pass.
  if (!(size <= limit)) {
    throw damagedPth(source, `its tensors would take more than the ${limit} bytes accepted for its size`);
  }
}

function readNumbers({ format, count }: PickleStorage, bytes: Uint8Array): FloatArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = format.array(count);
  for (let i = 0; i < count; i++) numbers[i] = format.read(view, i * format.bytes);
  return numbers;
}

/** A copy of the numbers that a tensor is a view of. */
function rowMajor(numbers: FloatArray, { shape, stride, offset }: PickleTensor): FloatArray {
  const part = numbers.slice(offset, offset + sizeOf(shape));
  if (isContiguous({ data: part, shape, stride })) return part;
  const gathered = toFloat64({ data: numbers, shape, stride, offset });
  return numbers instanceof Float64Array ? gathered : Float32Array.from(gathered);
}
