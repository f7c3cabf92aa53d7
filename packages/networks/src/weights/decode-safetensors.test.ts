import { readFileSync } from 'node:fs';
import { FileError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from './decode-safetensors.js';

/** A file made by hand, so that the reader is not tested by the writer. */
function file(header: object | string, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function tensor(dtype: string, shape: unknown, offsets: unknown): object {
  return { dtype, shape, data_offsets: offsets };
}

function sixteenBit(values: readonly number[]): number[] {
  return values.flatMap((bits) => [bits & 0xff, bits >> 8]);
}

/** One tensor of 16-bit numbers, read. */
function read16(dtype: string, values: readonly number[]): number[] {
  const bytes = file({ x: tensor(dtype, [values.length], [0, 2 * values.length]) }, sixteenBit(values));
  return [...(decodeSafetensors(bytes, 'x.safetensors').tensors['x']?.data ?? [])];
}

describe('decodeSafetensors', () => {
  it('reads the golden file: every tensor, its numbers and the metadata', () => {
    const path = new URL('../../../../fixtures/golden/meta-step-small.safetensors', import.meta.url);
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), 'golden');

    expect(Object.keys(tensors)).toHaveLength(423);
    expect(metadata).toMatchObject({ dim: '8', eta: '0.01', layout: 'NCHW, conv weights OIHW' });
    // The values that the Python package safetensors 0.8.0 reads.
    expect(tensors['inner.fusion_loss']?.data).toEqual(
      new Float64Array([0.11376940550324366, 0.014247305899923852, 0.19904419920663963]),
    );
    expect(tensors['outer.jvp.fused']?.shape).toEqual([2, 1, 12, 10]);
    expect(tensors['outer.jvp.fused']?.data.at(-1)).toBe(-0.00014762817361008038);
  });

  it('reads all parts of the golden file in their places: theta - eta grad is the updated theta', () => {
    const path = new URL('../../../../fixtures/golden/meta-step-small.safetensors', import.meta.url);
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), 'golden');
    const names = Object.keys(tensors).filter((name) => name.startsWith('theta.F.'));
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const parameter = name.slice('theta.F.'.length);
      const grad = tensors[`inner.grad.F.${parameter}`]?.data as Float64Array;
      const updated = tensors[`inner.updated.F.${parameter}`]?.data as Float64Array;
      tensors[name]?.data.forEach((value, i) => {
        expect(value - Number(metadata['eta']) * (grad[i] as number)).toBeCloseTo(updated[i] as number, 14);
      });
    }
  });

  it('keeps F64 and F32, at any place in a larger buffer', () => {
    const bytes = file({ a: tensor('F32', [2], [0, 8]), b: tensor('F64', [], [8, 16]) }, [
      ...new Uint8Array(new Float32Array([1.5, -0.1]).buffer),
      ...new Uint8Array(new Float64Array([Math.PI]).buffer),
    ]);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const { tensors } = decodeSafetensors(larger.subarray(3), 'x.safetensors');
    expect(tensors['a']).toEqual({ data: new Float32Array([1.5, -0.1]), shape: [2] });
    expect(tensors['b']).toEqual({ data: new Float64Array([Math.PI]), shape: [] });
  });

  it('widens F16 exactly: normal, subnormal, zero, infinite and NaN', () => {
    // Patterns and values of IEEE 754 binary16.
    const bits = [0x3c00, 0xc000, 0x7bff, 0x3555, 0x0400, 0x03ff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00];
    expect(read16('F16', bits)).toEqual([
      1,
      -2,
      65504,
      0.333251953125,
      2 ** -14,
      1023 * 2 ** -24,
      2 ** -24,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it('widens BF16 exactly', () => {
    expect(read16('BF16', [0x3f80, 0x4049, 0xc2f7, 0x0001, 0xff80, 0x7fc0])).toEqual([
      1,
      3.140625,
      -123.5,
      2 ** -133,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it('reads scalars, empty tensors, an empty file and spaces after the header', () => {
    expect(decodeSafetensors(file('{}      '), 'x').tensors).toEqual({});
    const { tensors } = decodeSafetensors(
      file({ none: tensor('F32', [2, 0], [0, 0]), one: tensor('F32', [], [0, 4]) }, [0, 0, 128, 63]),
      'x',
    );
    expect(tensors['none']).toEqual({ data: new Float32Array(0), shape: [2, 0] });
    expect(tensors['one']).toEqual({ data: new Float32Array([1]), shape: [] });
  });

  it('takes tensors in any order in the header', () => {
    const bytes = file({ last: tensor('F32', [1], [4, 8]), first: tensor('F32', [1], [0, 4]) }, [
      ...new Uint8Array(new Float32Array([1, 2]).buffer),
    ]);
    const { tensors } = decodeSafetensors(bytes, 'x');
    expect(Object.keys(tensors)).toEqual(['first', 'last']);
    expect(tensors['last']?.data).toEqual(new Float32Array([2]));
  });

  it('keeps names that mean something to JavaScript as plain names', () => {
    const header =
      '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"__proto__":"x"}}';
    const { tensors, metadata } = decodeSafetensors(file(header, [0, 0, 128, 63]), 'x');
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(Object.keys(metadata)).toEqual(['__proto__']);
    expect(tensors['constructor']).toBeUndefined();
    expect(metadata['toString']).toBeUndefined();
  });
});

const F32 = (shape: unknown, offsets: unknown): object => ({ w: tensor('F32', shape, offsets) });

describe('decodeSafetensors refuses, in one sentence that starts with the file,', () => {
  const lengthOnly = (length: bigint): Uint8Array => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };
  const invalidUtf8 = file('{"a":1}');
  invalidUtf8[10] = 0xff;

  it.each<[what: string, bytes: Uint8Array, problem: string]>([
    ['an empty file', new Uint8Array(0), 'it has only 0 bytes'],
    ['a header longer than the file', lengthOnly(57n), 'it has 64 bytes and its header alone would need 65'],
    ['an enormous header', lengthOnly(2n ** 64n - 1n), 'longer than the 4000000 bytes that are accepted'],
    ['a picture', new Uint8Array(Buffer.from('\x89PNG\r\n\x1a\n')), 'are accepted'],
    ['no header', file(''), 'its header does not start with {'],
    ['a list', file('[]'), 'its header does not start with {'],
    ['a header cut short', file('{"w":'), 'its header is not JSON in UTF-8'],
    ['a header that is not UTF-8', invalidUtf8, 'its header is not JSON in UTF-8'],
    ['a name twice', file('{"w":{},"w":{}}'), 'its header names "w" twice'],
    ['a name twice, once escaped', file('{"w":{},"\\u0077" :{}}'), 'its header names "w" twice'],
    ['a key of a tensor twice', file('{"w":{"shape":[],"shape":[]}}'), 'its header names "shape" twice'],
    ['deep nesting', file(`{"w":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), 'its header is nested too deeply'],
    ['a tensor that is a number', file({ w: 3 }), 'its tensor "w" is not described by an object'],
    ['a tensor that is a list', file({ w: [] }), 'its tensor "w" is not described by an object'],
    [
      'no dtype',
      file({ w: { shape: [], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      'its tensor "w" has no dtype',
    ],
    [
      'a negative length',
      file(F32([-1], [0, 4])),
      'the shape of its tensor "w" is not a list of whole numbers',
    ],
    ['a fraction of a length', file(F32([1.5], [0, 6])), 'the shape of its tensor "w" is not a list of'],
    [
      'a shape that is text',
      file(F32('1', [0, 4])),
      'the shape of its tensor "w" is not a list of whole numbers',
    ],
    [
      'offsets as text',
      file(F32([1], ['0', '4'])),
      'the data_offsets of its tensor "w" are not two whole numbers',
    ],
    ['one offset', file(F32([1], [4])), 'the data_offsets of its tensor "w" are not two whole numbers'],
    [
      'a negative offset',
      file(F32([1], [-4, 0])),
      'the data_offsets of its tensor "w" are not two whole numbers',
    ],
    [
      'offsets the wrong way round',
      file(F32([1], [4, 0])),
      'shape and data_offsets that contradict each other',
    ],
    ['too few bytes for the shape', file(F32([2], [0, 4]), [0, 0, 0, 0]), 'that contradict each other'],
    ['a shape whose size overflows', file(F32([2 ** 52, 2 ** 52, 0], [0, 0])), 'that contradict each other'],
    ['a tensor beyond the end', file(F32([1], [0, 4])), 'its tensors need 4 bytes and 0 follow the header'],
    ['bytes left over', file({}, [1]), 'its tensors need 0 bytes and 1 follow the header'],
    ['a hole', file(F32([1], [4, 8]), Array(8).fill(0)), 'its tensor "w" leaves a hole before its own'],
    [
      'an overlap',
      file({ v: tensor('F32', [1], [0, 4]), w: tensor('F32', [1], [2, 6]) }, Array(6).fill(0)),
      'its tensor "w" overlaps the bytes before its own',
    ],
    ['metadata that is a list', file({ __metadata__: [] }), 'its __metadata__ is not an object'],
    ['metadata that is null', file({ __metadata__: null }), 'its __metadata__ is not an object'],
    ['metadata with a number', file({ __metadata__: { epoch: 3 } }), 'its __metadata__ "epoch" is not text'],
    ['an escape sequence in a name', file({ '\u001b[2J': 3 }), 'its tensor "\\u001b[2J" is not described'],
    ['an endless name', file({ ['n'.repeat(500)]: 3 }), `its tensor "${'n'.repeat(80)}..." is not described`],
  ])('%s', (_what, bytes, problem) => {
    const decode = (): unknown => decodeSafetensors(bytes, 'some.safetensors');
    expect(decode).toThrow(FileError);
    expect(decode).toThrow(
      /^some\.safetensors: not an intact safetensors file, [^\n]*; write it or download it again$/,
    );
    expect(decode).toThrow(problem);
  });

  it.each(['I64', 'I32', 'U8', 'BOOL', 'F8_E4M3', 'constructor'])('tensors of the dtype %s', (dtype) => {
    const decode = (): unknown =>
      decodeSafetensors(file({ 'a.b': tensor(dtype, [0], [0, 0]) }), 'some.safetensors');
    expect(decode).toThrow(FileError);
    expect(decode).toThrow(
      `some.safetensors: the tensor "a.b" has the dtype "${dtype}" and can be read only as one of F64, F32, F16, BF16; convert it to one of them`,
    );
  });
});
