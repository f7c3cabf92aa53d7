import { readdirSync, readFileSync } from 'node:fs';
import { FileError, type NdArray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { decodePth } from './decode-pth.js';

const folder = new URL('../../../../../fixtures/pth/', import.meta.url);

interface Expected {
  readonly dtype?: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

function expectedOf(path: string): [file: string, tensors: Record<string, Expected>][] {
  return Object.entries(JSON.parse(readFileSync(new URL(path, folder), 'utf8')));
}

function decode(path: string): Record<string, NdArray> {
  return decodePth(readFileSync(new URL(path, folder)), path).tensors;
}

function expectTensors(tensors: Record<string, NdArray>, expected: Record<string, Expected>): void {
  expect(Object.keys(tensors)).toEqual(Object.keys(expected));
  for (const [name, { shape, values }] of Object.entries(expected)) {
    // Exactly: the values are PyTorch's, printed so that a double is recovered, and all dtypes fit in one.
    expect({ shape: tensors[name]?.shape, values: [...(tensors[name]?.data ?? [])] }, name).toEqual({
      shape,
      values,
    });
  }
}

describe('decodePth reads what PyTorch reads', () => {
  it.each(expectedOf('expected.json'))('from %s.pth', (file, expected) => {
    const tensors = decode(`${file}.pth`);
    expectTensors(tensors, expected);
    const kind = file === 'f64' ? Float64Array : Float32Array;
    for (const { data } of Object.values(tensors)) expect(data).toBeInstanceOf(kind);
  });

  it.each(expectedOf('more/expected.json'))('from more/%s.pth', (file, expected) => {
    const tensors = decode(`more/${file}.pth`);
    expectTensors(tensors, expected);
    for (const [name, { dtype }] of Object.entries(expected)) {
      expect(tensors[name]?.data).toBeInstanceOf(dtype === 'float64' ? Float64Array : Float32Array);
    }
  });

  it('from all files of the folder but those that it refuses', () => {
    const files = [
      ...readdirSync(folder),
      ...readdirSync(new URL('more', folder)).map((name) => `more/${name}`),
    ];
    const read = [
      ...expectedOf('expected.json').map(([file]) => `${file}.pth`),
      ...expectedOf('more/expected.json').map(([file]) => `more/${file}.pth`),
    ];
    const refused = files.filter((file) => file.endsWith('.pth') && !read.includes(file));
    expect(refused.sort()).toEqual(['callable.pth', 'more/expanded.pth', 'more/integers.pth']);
  });

  it('at any place in a larger buffer', () => {
    for (const file of ['f32.pth', 'legacy.pth']) {
      const bytes = readFileSync(new URL(file, folder));
      const larger = new Uint8Array(bytes.length + 10).fill(0x50);
      larger.set(bytes, 3);
      expect(decodePth(larger.subarray(3, 3 + bytes.length), file).tensors).toEqual(decode(file));
    }
  });

  it('as arrays that share nothing, with the file or with each other', () => {
    const bytes = new Uint8Array(readFileSync(new URL('f32.pth', folder)));
    const { tensors } = decodePth(bytes, 'f32.pth');
    const before = tensors['project_in_1.weight']?.data[0];
    bytes.fill(0);
    tensors['project_in_1.conv.weight']?.data.fill(0);
    expect(tensors['project_in_1.weight']?.data[0]).toBe(before);
  });
});

describe('decodePth refuses', () => {
  it.each([
    [
      'callable.pth',
      'refused, it refers to "posix.system", which a state dict of real numbers does not need',
    ],
    ['more/integers.pth', 'refused, it refers to "torch.LongStorage", which a state dict of real numbers'],
    ['more/expanded.pth', 'its tensors would take more than the 6000 bytes accepted for its size'],
    ['expected.json', 'it starts with the bytes of neither of its formats'],
  ])('%s', (file, problem) => {
    expect(() => decode(file)).toThrow(FileError);
    expect(() => decode(file)).toThrow(`${file}: `);
    expect(() => decode(file)).toThrow(problem);
  });
});
