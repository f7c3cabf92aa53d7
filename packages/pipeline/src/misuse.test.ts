import { reference } from '@refusion/autodiff';
import { OptionError, rng } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { fusionNetwork } from '@refusion/networks';
import { describe, expect, it } from 'vitest';
import { fuseFrames, fusionModel, networkModel, type PipelineOptions, pipeline } from './index.js';

/** What a program without types may hand in. */
const anything = <T>(value: unknown): T => value as T;

const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
const image = picture(new Uint8Array(16), [4, 4]);

describe('pipeline', () => {
  it.each<[unknown, string]>([
    [undefined, 'weights: give the bytes of a weight file or the parameters by name, got undefined'],
    [
      { engine: reference },
      'weights: give the bytes of a weight file or the parameters by name, got undefined',
    ],
    [{ weights: 'a.pth', engine: reference }, 'got the string a.pth'],
    [{ weights }, 'pipeline: engine must be what loadEngine of @refusion/tf or onnxStages'],
    [{ weights, engine: 'wasm' }, 'got the string wasm'],
    [{ weights, engine: Promise.resolve(reference) }, 'got a promise'],
  ])('names what is wrong with %o', async (options, sentence) => {
    const call = pipeline(anything<PipelineOptions>(options));
    await expect(call).rejects.toThrow(OptionError);
    await expect(call).rejects.toThrow(sentence);
  });
});

it.each([fusionModel, networkModel])('%o wants weights', (make) => {
  expect(() => make(anything(undefined))).toThrow(OptionError);
});

describe('what fuses', async () => {
  const fuse = await pipeline({ weights, engine: reference });

  it.each<[string, unknown, unknown, string]>([
    ['nothing', undefined, undefined, 'a must be a picture { data, shape }, as readPicture of'],
    ['one picture', image, undefined, 'b must be a picture'],
    ['paths', 'a.png', 'b.png', 'got the string a.png'],
    ['pictures that are still read', Promise.resolve(image), image, 'got a promise'],
  ])('refuses %s', async (_what, a, b, sentence) => {
    await expect(fuse(anything(a), anything(b))).rejects.toThrow(OptionError);
    await expect(fuse(anything(a), anything(b))).rejects.toThrow(sentence);
  });

  it.each<[unknown, string]>([
    [undefined, 'pairs must be a list of pairs [a, b], got undefined'],
    [[image, image], 'pairs must be a list of pairs [a, b], got a list of something else'],
    [[[image]], 'b must be a picture'],
  ])('refuses %o together', async (pairs, sentence) => {
    await expect(fuse.together(anything(pairs))).rejects.toThrow(OptionError);
    await expect(fuse.together(anything(pairs))).rejects.toThrow(sentence);
  });

  it.each<[unknown, string]>([
    [Number.NaN, 'fusePictures: memory must be a number of bytes, got the number NaN'],
    ['2GB', 'fusePictures: memory must be a number of bytes, got the string 2GB'],
  ])('takes no memory of %o for no limit', async (given, sentence) => {
    const memory = anything<number>(given);
    await expect(fuse(image, image, { memory })).rejects.toThrow(new OptionError(sentence));
    await expect(fuse.together([[image, image]], { memory })).rejects.toThrow(new OptionError(sentence));
  });

  it('wants frames as they come', async () => {
    const frames = fuseFrames(fuse, anything([image]), anything([image]));
    await expect(frames.next()).rejects.toThrow(
      'fuseFrames: framesA must be an async iterable of pictures, such as an async generator, got a list',
    );
  });
});
