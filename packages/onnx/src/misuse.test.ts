import type { Tensor } from '@refusion/autodiff';
import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile, type ModelFunction } from './index.js';
import { onnxEngine, openSession } from './node.js';

/** What a program without types may hand in. */
const anything = <T>(value: unknown): T => value as T;

const negative: ModelFunction = (ops, { x }) => ({ y: ops.neg(x as Tensor) });
const inputs = { x: { shape: ['N', 3] } };
const model = compile(negative, { inputs });

describe('compile', () => {
  it.each<[unknown, string]>([
    [undefined, 'inputs must name each input with its shape'],
    [{}, 'inputs must name each input with its shape'],
    [{ inputs: { x: ['N', 3] } }, 'the shape of the input "x" must be a list of whole numbers and names'],
    [{ inputs: { x: { shape: [Number.NaN, 3] } } }, 'got [NaN,3]'],
    [{ inputs: { x: { shape: [-1, 3] } } }, 'got [-1,3]'],
  ])('names what is wrong with the options %o', (options, sentence) => {
    const call = (): unknown => compile(negative, anything<CompileOptions>(options));
    expect(call).toThrow(OptionError);
    expect(call).toThrow(sentence);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [{ shape: [3] }, 'a single tensor'],
  ])('wants outputs by name, not %o', (returned, got) => {
    expect(() => compile(() => anything(returned), { inputs })).toThrow(
      new OptionError(`compile: what the function returns must be a record of tensors by name, got ${got}`),
    );
  });
});

describe('a session', () => {
  it.each<[string, unknown, string]>([
    ['numbers of another kind', { data: new Float64Array(3), shape: [1, 3] }, 'got a Float64Array: convert'],
    ['numbers without a shape', new Float32Array(3), 'must be an array { data, shape }, got a Float32Array'],
    ['a shape of halves', { data: new Float32Array(3), shape: [0.5, 6] }, 'must be an array { data, shape }'],
  ])('refuses %s', async (_what, x, sentence) => {
    const session = await openSession(model, { threads: 1 });
    const run = session.run({ x: anything(x) });
    await expect(run).rejects.toThrow(OptionError);
    await expect(run).rejects.toThrow(sentence);
    await session.close();
  });

  it('refuses negative lengths, and no inputs at all', async () => {
    const session = await openSession(model, { threads: 1 });
    const negativeLengths = { data: new Float32Array(3), shape: [-1, -3] };
    await expect(session.run({ x: negativeLengths })).rejects.toThrow(ShapeError);
    await expect(session.run(anything(undefined))).rejects.toThrow('the input "x" is missing');
    await session.close();
  });

  it('starts no more threads than any machine has cores', async () => {
    await expect(openSession(model, { threads: 1e9 })).rejects.toThrow(
      new OptionError('openSession: threads must be a whole number from 1 to 1024, got 1000000000'),
    );
  });
});

it.each<[object, string]>([
  [{ block: 'x' }, 'onnxEngine: block must be one of 4, 8, 16, got x'],
  [{ workers: 1e6 }, 'onnxEngine: workers must be a whole number from 1 to 1024, got 1000000'],
  [{ threads: 1e6 }, 'onnxEngine: threads must be a whole number from 1 to 1024, got 1000000'],
])('an engine refuses %o', async (options, sentence) => {
  await expect(onnxEngine(options)).rejects.toThrow(new OptionError(sentence));
});
