import { FileError, OptionError, RefusionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.js';
import { ModelWriter } from '../model/writer.js';
import { availableProviders, expectProvider } from './providers.js';
import { knownProviders, PROVIDERS } from './runtime.js';
import { openSession } from './session.js';

const model = compile((ops, { x }) => ({ y: ops.neg(x as never) }), { inputs: { x: { shape: [2] } } });

describe('providers', () => {
  it('start where they are said to, and elsewhere are blamed instead of the model', async () => {
    const available = await availableProviders();
    const known = await knownProviders();
    expect(available[0]).toBe('cpu');
    for (const provider of PROVIDERS) {
      const opening = openSession(model, { provider });
      if (available.includes(provider)) {
        await expectProvider(provider);
        await (await opening).close();
        continue;
      }
      await expect(opening).rejects.toThrow(OptionError);
      const why = known.includes(provider)
        ? 'does not start on this machine \\(.+\\), '
        : 'is not in this build ';
      await expect(opening).rejects.toThrow(new RegExp(`^the provider ${provider} ${why}.*cpu`));
    }
  });

  it('do not hide that a model is none', async () => {
    await expect(openSession(model.slice(9))).rejects.toThrow(FileError);
  });
});

describe('a session', () => {
  it('says how many values do not fit', async () => {
    const session = await openSession(model, { name: 'm' });
    const running = session.run({ x: { data: new Float32Array(3), shape: [2] } });
    await expect(running).rejects.toThrow(ShapeError);
    await expect(running).rejects.toThrow('m: the input "x" has 3 values for the shape [2]');
    await session.close();
  });

  it('tells too little memory from inputs that do not fit', async () => {
    const writer = new ModelWriter();
    writer.input('x', [1]);
    // A million times a million numbers.
    const wide = writer.op('Expand', ['x', writer.integers([1_000_000, 1_000_000])]);
    writer.output('y', [1, 1], writer.op('ReduceSum', [wide]));
    const bytes = writer.finish({ name: 'wide', producer: '', version: '', metadata: {} });
    const session = await openSession(bytes, { name: 'm' });
    const running = session.run({ x: { data: new Float32Array(1), shape: [1] } });
    await expect(running).rejects.toThrow(
      /^m: there is not enough memory for these inputs: Failed to allocate/,
    );
    const error = await running.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RefusionError);
    expect(error).not.toBeInstanceOf(ShapeError);
    await session.close();
  });
});
