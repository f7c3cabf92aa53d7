import { describe, expect, it } from 'vitest';
import { hasShape, isRecord, kindOf } from './index.js';

describe('kindOf', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'the number NaN'],
    ['x'.repeat(99), `the string ${'x'.repeat(40)}`],
    [[1, 2], 'a list'],
    [new Float64Array(2), 'a Float64Array'],
    [new Uint8Array(2), 'a Uint8Array'],
    [Promise.resolve(1), 'a promise'],
    [() => 1, 'a function'],
    [{ a: 1 }, 'an object'],
    [Object.create(null), 'an object'],
  ])('says what %s is', (value, kind) => expect(kindOf(value)).toBe(kind));
});

it('tells records and arrays from anything else', () => {
  expect([{}, { shape: [1] }].map(isRecord)).toEqual([true, true]);
  expect([null, undefined, [1], 1, 'x', isRecord].map(isRecord)).toEqual([
    ...[false, false, false, false, false, false],
  ]);
  expect([{ shape: [] }, { shape: [2, 3] }].map(hasShape)).toEqual([true, true]);
  expect([null, [2], {}, { shape: 2 }, { shape: [0.5] }, { shape: ['N'] }].map(hasShape)).toEqual([
    ...[false, false, false, false, false, false],
  ]);
});
