import { type Engine, reference, type Tensor } from '@refusion/autodiff';
import {
  mapParams,
  type NdArray,
  OptionError,
  type Params,
  RefusionError,
  rng,
  ShapeError,
} from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { fusion, fusionNetwork } from '@refusion/networks';
import { expectClose } from '@refusion/test-utils';
import { loadEngine } from '@refusion/tf';
import { describe, expect, it } from 'vitest';
import { fusePictures } from './fuse-pictures.js';

const HEIGHT = 7;
const WIDTH = 9;
const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));

function paramsOn({ ops }: Engine): Params<Tensor> {
  return mapParams((x: NdArray): Tensor => ops.constant(x.data, x.shape), weights);
}

function randomPicture(seed: number, channels: 1 | 3, height = HEIGHT): Picture {
  const random = rng(seed);
  const data = Uint8Array.from({ length: height * WIDTH * channels }, () => random.integer(256));
  return picture(data, channels === 3 ? [height, WIDTH, 3] : [height, WIDTH]);
}

type Rgb = readonly [r: number, g: number, b: number];

/** A pixel's channels; a gray one's are equal. */
function rgbAt({ data, shape }: Picture, i: number): Rgb {
  const step = shape.length === 3 ? 1 : 0;
  const at = step === 1 ? 3 * i : i;
  return [data[at], data[at + step], data[at + 2 * step]] as unknown as Rgb;
}

const luma = ([r, g, b]: Rgb): number => 0.299 * r + 0.587 * g + 0.114 * b;
const differences = (pixel: Rgb): readonly [cr: number, cb: number] => [
  0.713 * (pixel[0] - luma(pixel)) + 0.5,
  0.564 * (pixel[2] - luma(pixel)) + 0.5,
];

/** The published rules in plain float64: the network's output for two pictures. */
function expectedRaw(a: Picture, b: Picture): Float64Array {
  const batch = (source: Picture): Tensor => {
    const lumas = Float64Array.from({ length: HEIGHT * WIDTH }, (_unused, i) => luma(rgbAt(source, i)) / 255);
    return reference.ops.constant(lumas, [1, HEIGHT, WIDTH, 1]);
  };
  const fused = fusion(reference.ops, paramsOn(reference), batch(a), batch(b));
  return (fused as Tensor & { data: Float64Array }).data;
}

function expectedLuma(raw: ArrayLike<number>): number[] {
  const values = Array.from(raw);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => ((value - min) / (max - min)) * 255);
}

/** Each channel in 0..255, before rounding, from a luminance and colour differences. */
function expectedRgb(y: number, [cr, cb]: readonly [number, number]): number[] {
  const [dr, db] = [cr - 0.5, cb - 0.5];
  const rgb = [y + 1.403 * dr, y - 0.714 * dr - 0.344 * db, y + 1.773 * db];
  return rgb.map((value) => Math.min(Math.max(value, 0), 255));
}

/** Half a level of rounding, and what float32 adds. */
const ROUNDED = 0.5 + 1e-3;

function expectRounded(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThanOrEqual(ROUNDED);
  }
}

const gray = randomPicture(10, 1);
const colour = randomPicture(11, 3);
const otherColour = randomPicture(12, 3);
const pixels = Array.from({ length: HEIGHT * WIDTH }, (_unused, i) => i);

describe('fusePictures', () => {
  it('gives the network`s output for the luminances over 255, float32', async () => {
    const { raw } = await fusePictures(reference, paramsOn(reference), gray, colour);
    expect(raw.shape).toEqual([HEIGHT, WIDTH]);
    expect(raw.data).toBeInstanceOf(Float32Array);
    // float32 rounds the luminances and the output at 6e-8.
    expectClose(raw.data, expectedRaw(gray, colour), 3e-7);
  });

  it('stretches the output of two gray pictures to 0..255, without colour', async () => {
    const fused = await fusePictures(reference, paramsOn(reference), gray, randomPicture(13, 1));
    expect(fused.gray.shape).toEqual([HEIGHT, WIDTH]);
    expectRounded(fused.gray.data, expectedLuma(fused.raw.data));
    expect(Math.min(...fused.gray.data)).toBe(0);
    expect(Math.max(...fused.gray.data)).toBe(255);
    expect(fused.color).toBeNull();
  });

  it('takes three equal channels for gray', async () => {
    const triple = picture(
      gray.data.reduce(
        (all, value, i) => all.fill(value, 3 * i, 3 * i + 3),
        new Uint8Array(3 * HEIGHT * WIDTH),
      ),
      [HEIGHT, WIDTH, 3],
    );
    const fused = await fusePictures(reference, paramsOn(reference), triple, gray);
    expect(fused.color).toBeNull();
  });

  it('leaves the output unstretched with the tone clip', async () => {
    const options = { tone: 'clip' } as const;
    const fused = await fusePictures(reference, paramsOn(reference), gray, colour, options);
    const levels = Array.from(fused.raw.data, (value) => 255 * value);
    expectRounded(fused.gray.data, levels);
    const rgb = pixels.flatMap((i) => expectedRgb(levels[i] as number, differences(rgbAt(colour, i))));
    expectRounded(fused.color?.data ?? [], rgb);
  });

  it('keeps 16 bits of the unstretched output with the tone none', async () => {
    const options = { tone: 'none' } as const;
    const fused = await fusePictures(reference, paramsOn(reference), gray, colour, options);
    expect(fused.gray.data).toBeInstanceOf(Uint16Array);
    const levels = Array.from(fused.raw.data, (value) => 255 * value);
    expectRounded(
      fused.gray.data,
      levels.map((level) => 257 * level),
    );
    const rgb = pixels.flatMap((i) => expectedRgb(levels[i] as number, differences(rgbAt(colour, i))));
    // float32 has 16 million values to 65536: what it adds grows as the levels do.
    fused.color?.data.forEach((value, i) => {
      expect(Math.abs(value - 257 * (rgb[i] as number))).toBeLessThanOrEqual(0.5 + 0.02);
    });
    expect(fused.color?.shape).toEqual([HEIGHT, WIDTH, 3]);
  });

  it('does not round what pictures in float32 show', async () => {
    const float = picture(
      Float32Array.from(gray.data, (value, i) => value * 0.99 + i / 100),
      gray.shape,
    );
    const { raw } = await fusePictures(reference, paramsOn(reference), float, colour);
    const batch = (values: Float64Array): Tensor =>
      reference.ops.constant(
        values.map((value) => value / 255),
        [1, HEIGHT, WIDTH, 1],
      );
    const lumas = Float64Array.from(pixels, (i) => luma(rgbAt(colour, i)));
    const params = paramsOn(reference);
    const wanted = fusion(reference.ops, params, batch(Float64Array.from(float.data)), batch(lumas));
    expectClose(raw.data, (wanted as Tensor & { data: Float64Array }).data, 3e-7);
  });

  it.each([
    ['a', colour, gray],
    ['b', gray, colour],
  ])('keeps the colour of %s where the other source is gray', async (_which, a, b) => {
    const fused = await fusePictures(reference, paramsOn(reference), a, b);
    const y = expectedLuma(fused.raw.data);
    expect(fused.color?.shape).toEqual([HEIGHT, WIDTH, 3]);
    const rgb = pixels.flatMap((i) => expectedRgb(y[i] as number, differences(rgbAt(colour, i))));
    expectRounded(fused.color?.data ?? [], rgb);
  });

  it('weights the colours of two sources by how far each is from gray', async () => {
    const fused = await fusePictures(reference, paramsOn(reference), colour, otherColour);
    const y = expectedLuma(fused.raw.data);
    const rgb = pixels.flatMap((i) => {
      const [ofA, ofB] = [differences(rgbAt(colour, i)), differences(rgbAt(otherColour, i))];
      const merge = (c: 0 | 1): number => {
        const [wa, wb] = [Math.abs(ofA[c] - 0.5), Math.abs(ofB[c] - 0.5)];
        return (ofA[c] * wa + ofB[c] * wb) / (wa + wb + 1e-4);
      };
      return expectedRgb(y[i] as number, [merge(0), merge(1)]);
    });
    expectRounded(fused.color?.data ?? [], rgb);
  });

  it('keeps no tensor on the engine, not even after an error', async () => {
    const engine = await loadEngine('cpu');
    const params = paramsOn(engine);
    const before = engine.tensorCount();
    const { raw } = await fusePictures(engine, params, gray, colour);
    // The engine computes in float32, some hundred operations deep.
    expectClose(raw.data, expectedRaw(gray, colour), 1e-5);
    expect(engine.tensorCount()).toBe(before);

    const { 'project_out_1.weight': last, ...others } = params;
    await expect(fusePictures(engine, others, gray, colour)).rejects.toThrow(ShapeError);
    expect(engine.tensorCount()).toBe(before);

    const nan = engine.ops.fill(last?.shape ?? [], Number.NaN);
    const withNan = { ...others, 'project_out_1.weight': nan };
    const held = engine.tensorCount();
    const fusing = fusePictures(engine, withNan, gray, colour, { tone: 'clip' });
    await expect(fusing).rejects.toThrow(RefusionError);
    await expect(fusing).rejects.toThrow('the network gives values that are not finite numbers');
    expect(engine.tensorCount()).toBe(held);
  });

  it('gives the same in strips where the memory is too little for the whole picture', async () => {
    const params = paramsOn(reference);
    const [a, b] = [randomPicture(20, 1, 40), randomPicture(21, 3, 40)];
    const whole = await fusePictures(reference, params, a, b);
    const strips: number[] = [];
    const fused = await fusePictures(reference, params, a, b, {
      memory: 1_000_000,
      onStrip: (_done, total) => strips.push(total),
    });
    expect(strips.length).toBeGreaterThan(4); // more than one strip in each of four passes
    expect(strips.at(-1)).toBe(strips.length);
    // Both compute in float64, and only the output is rounded to float32.
    expectClose(fused.raw.data, whole.raw.data, 1e-7);
    expect(fused.color).toEqual(whole.color);
  });

  it('says the least memory that works', async () => {
    const params = paramsOn(reference);
    const fusing = fusePictures(reference, params, gray, colour, { memory: 1000 });
    await expect(fusing).rejects.toThrow(OptionError);
    await expect(fusing).rejects.toThrow(
      /^planStrips: 1000 bytes are too few .* the least that works is \d+$/,
    );
  });

  it('says what does not fit', async () => {
    const params = paramsOn(reference);
    const low = randomPicture(14, 1, HEIGHT - 1);
    const sizes = fusePictures(reference, params, gray, low);
    await expect(sizes).rejects.toThrow(ShapeError);
    await expect(sizes).rejects.toThrow(
      'fusePictures: b must have the height and width of a, 7 and 9, got 6 and 9',
    );
    const tone = fusePictures(reference, params, gray, gray, { tone: 'warm' as 'clip' });
    await expect(tone).rejects.toThrow(OptionError);
    await expect(tone).rejects.toThrow('tone must be one of stretch, clip, none, got "warm"');
  });
});
