import { FileError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { parseResults, readResults } from './read-results.js';
import { resultsText } from './results-text.js';
import { resultsOf } from './test-results.js';

const { NaN: nan, NEGATIVE_INFINITY: infinity } = Number;

const results = resultsOf(
  {
    p: [
      [1, nan],
      [0.1 + 0.2, 5],
    ],
    q: [
      [2, infinity],
      [1 / 3, 1e-300],
    ],
  },
  { notes: ['A note.'] },
);
const text = resultsText(results);

/** The sentence with which a changed file is refused. */
function refusal(change: (file: ReturnType<typeof JSON.parse>) => void): string {
  const file = JSON.parse(text);
  change(file);
  try {
    parseResults(JSON.stringify(file), 'r.json');
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as Error).message;
  }
  throw new Error('not refused');
}

describe('a file of results', () => {
  it('is read back with every digit, NaN and infinities too', () => {
    expect(parseResults(text, 'r.json')).toEqual(results);
    expect(resultsText(parseResults(text, 'r.json'))).toBe(text);
  });

  it('may have further fields, for other readers', () => {
    const file = { ...JSON.parse(text), extra: 1 };
    expect(parseResults(JSON.stringify(file), 'r.json')).toEqual(results);
  });
});

describe('is refused, in one sentence that names the field,', () => {
  const none = '"r.json" is not a file of results; make one with bench metrics --out results.json';

  it('what is another file', () => {
    for (const other of ['', 'garbage', '3', 'null', '[]', '{}', '{"format":"other"}']) {
      expect(() => parseResults(other, 'r.json')).toThrow(none);
    }
  });

  it('a file that cannot be read', async () => {
    await expect(readResults('/nowhere/r.json')).rejects.toThrow('"/nowhere/r.json" cannot be read: ');
  });

  it('another version', () => {
    expect(refusal((file) => Object.assign(file, { version: 7 }))).toBe(
      '"r.json" has results of version 7, and 1 is read; make it again with this program',
    );
  });

  it('a wrong field', () => {
    const method = (file: ReturnType<typeof JSON.parse>) => file.dataSets[0].methods[1];
    expect(refusal((file) => Object.assign(file, { convention: 'mine' }))).toBe(
      '"r.json": convention must be one of evaluator, matlab, standard, got "mine"',
    );
    expect(refusal((file) => delete file.dataSets[0].pairs[1].a)).toBe(
      '"r.json": dataSets[0].pairs[1].a is missing',
    );
    expect(refusal((file) => Object.assign(method(file).scores, { EN: [1, 'x'] }))).toBe(
      '"r.json": dataSets[0].methods[1].scores.EN[1] must be a number, "NaN", "Infinity" or "-Infinity"',
    );
    expect(refusal((file) => Object.assign(method(file).summary.EN, { count: -1 }))).toBe(
      '"r.json": dataSets[0].methods[1].summary.EN.count must be at least 0, got -1',
    );
    expect(refusal((file) => Object.assign(file, { metrics: [] }))).toBe(
      '"r.json": metrics must be a list of at least 1, got []',
    );
    expect(refusal((file) => Object.assign(file.dataSets[0], { pairs: [] }))).toBe(
      '"r.json": dataSets[0].pairs must be a list of at least 1, got []',
    );
    expect(refusal((file) => Object.assign(file.dataSets[0], { methods: [] }))).toBe(
      '"r.json": dataSets[0].methods must be a list of at least 1, got []',
    );
    expect(refusal((file) => Object.assign(method(file), { stamps: ['1@2'] }))).toBe(
      '"r.json": dataSets[0].methods[1].stamps must have 2 values, one for each pair, got 1',
    );
    expect(refusal((file) => Object.assign(file, { dataSets: {} }))).toBe(
      '"r.json": dataSets must be a list, got {}',
    );
  });

  it('scores that are not those of the pairs', () => {
    const method = (file: ReturnType<typeof JSON.parse>) => file.dataSets[0].methods[0];
    expect(refusal((file) => method(file).scores.SCD.pop())).toBe(
      '"r.json": dataSets[0].methods[0].scores.SCD must have 2 values, one for each pair, got 1',
    );
    expect(refusal((file) => delete method(file).scores.EN)).toBe(
      '"r.json": dataSets[0].methods[0].scores.EN must have 2 values, one for each pair, got none',
    );
    expect(refusal((file) => delete method(file).summary.EN)).toBe(
      '"r.json": dataSets[0].methods[0].summary.EN is missing',
    );
  });
});
