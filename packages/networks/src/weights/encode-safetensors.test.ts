import { ndarray, OptionError, ShapeError } from '@refusion/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, type FloatArray } from './decode-safetensors.js';
import { encodeSafetensors } from './encode-safetensors.js';

describe('encodeSafetensors', () => {
  it('writes what the reference implementation writes, byte for byte', () => {
    // safetensors 0.8.0 for Python: safetensors.numpy.save of the same arrays, in the order b, a.weight, empty, scalar.
    const header =
      '{"__metadata__":{"note":"é\\"\\\\"},"a.weight":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]},' +
      '"scalar":{"dtype":"F64","shape":[],"data_offsets":[32,40]},' +
      '"b":{"dtype":"F32","shape":[2],"data_offsets":[40,48]},' +
      '"empty":{"dtype":"F32","shape":[2,0],"data_offsets":[48,48]}}';
    const numbers =
      '9a9999999999b93f9c7500883ce4377e0000000000000080000000000000f07f0000000000001c400000c03f000010c0';
    const reference = Buffer.concat([
      Buffer.from('1001000000000000', 'hex'),
      Buffer.from(header),
      Buffer.from(numbers, 'hex'),
    ]);

    const bytes = encodeSafetensors(
      {
        b: ndarray(new Float32Array([1.5, -2.25]), [2]),
        'a.weight': ndarray(new Float64Array([0.1, 1e300, -0, Number.POSITIVE_INFINITY]), [2, 2]),
        empty: ndarray(new Float32Array(0), [2, 0]),
        scalar: ndarray(new Float64Array([7]), []),
      },
      { note: 'é"\\' },
    );
    expect(Buffer.from(bytes).toString('latin1')).toBe(reference.toString('latin1'));
  });

  it('pads the header with spaces, so that every number is aligned', () => {
    for (const name of ['w', 'ww', 'www', 'é']) {
      const bytes = encodeSafetensors({ [name]: ndarray(new Float64Array([1]), [1]) });
      const length = new DataView(bytes.buffer).getUint32(0, true);
      expect(length % 8).toBe(0);
      expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toMatch(/^\{.*\} *$/);
      expect(bytes.length).toBe(8 + length + 8);
    }
  });

  it('leaves empty metadata out', () => {
    expect(Buffer.from(encodeSafetensors({}, {})).subarray(8).toString()).toBe('{}      ');
  });

  it('refuses the name that the format keeps, arrays with gaps, and metadata that cannot be read back', () => {
    const one = ndarray(new Float32Array(1), [1]);
    expect(() => encodeSafetensors({ __metadata__: one })).toThrow(OptionError);
    expect(() => encodeSafetensors({ __metadata__: one })).toThrow('a tensor cannot be called __metadata__');
    const transposed = { data: new Float32Array(6), shape: [3, 2], stride: [1, 3] };
    expect(() => encodeSafetensors({ w: transposed })).toThrow(ShapeError);
    expect(() => encodeSafetensors({ w: { data: new Float32Array(5), shape: [2, 3] } })).toThrow(
      'encodeSafetensors: "w" must be row-major without gaps and have the elements of its shape [2,3], got a buffer of 5',
    );
    const tooLong = (): unknown => encodeSafetensors({}, { log: 'x'.repeat(4e6) });
    expect(tooLong).toThrow(OptionError);
    expect(tooLong).toThrow('names and metadata take 4000032 bytes, shorten them to at most 4000000');
  });
});

const shape = fc.array(fc.nat(4), { maxLength: 4 });
const tensor = fc
  .tuple(fc.boolean(), shape, fc.infiniteStream(fc.double()))
  .map(([wide, lengths, values]) => {
    const size = lengths.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: size }, () => values.next().value);
    const data: FloatArray = wide ? new Float64Array(numbers) : new Float32Array(numbers);
    return ndarray(data, lengths);
  });
const names = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__');

describe('encodeSafetensors, then decodeSafetensors', () => {
  it('give back every array, bit for bit, and all text', () => {
    const tensors = fc.dictionary(names, tensor, { maxKeys: 6 });
    const metadata = fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 4 });
    fc.assert(
      fc.property(tensors, metadata, (before, text) => {
        const after = decodeSafetensors(encodeSafetensors(before, text), 'round trip');
        expect({ ...after.tensors }).toEqual({ ...before });
        expect({ ...after.metadata }).toEqual({ ...text });
      }),
    );
  });
});
