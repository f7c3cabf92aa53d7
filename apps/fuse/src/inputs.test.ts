import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { picture } from '@refusion/image-io';
import { encodePng, readScaledPicture } from '@refusion/image-io/node';
import { expectClose } from '@refusion/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { argumentsWith, at, closeTrial, openTrial, pixelsOf, readNpy, run } from './trial.js';

// Pictures as people have them, written by Pillow and OpenCV, through the whole program. What comes out was computed by
// PyTorch and OpenCV from the pixels alone: fixtures/fusion-tiny/make.py and fixtures/pictures/make.py.
const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));
const file = (name: string): string => fixture(`pictures/${name}`);
const cases = JSON.parse(readFileSync(fixture('fusion-tiny/cases.json'), 'utf8'));
const files = readdirSync(fixture('pictures'));

// float32 luminances and outputs, of a computation in float64.
const TOLERANCE = 1e-6;

beforeEach(async () => {
  openTrial(readFileSync(fixture('fusion-tiny/tiny.safetensors')));
  await save('other.png', cases.gray.b);
});
afterEach(closeTrial);

/** Writes an 8-bit gray picture into the trial's folder. */
async function save(name: string, rows: readonly (readonly number[])[]): Promise<void> {
  const shape = [rows.length, rows[0]?.length ?? 0];
  writeFileSync(at(name), await encodePng(picture(Uint8Array.from(rows.flat()), shape)));
}

/** Fuses two files, and gives the stem of the results. */
async function fuse(a: string, b: string, ...more: string[]): Promise<string> {
  const { stderr } = await run([...argumentsWith({ '--a': a, '--b': b }), '--raw', '--quiet', ...more]);
  expect(stderr).toBe('');
  const [name = ''] = readdirSync(at('out')).filter((each) => each.endsWith('.png'));
  return at('out', name.slice(0, -4));
}

function expectRaw(stem: string, raw: readonly number[][]): void {
  const { header, values } = readNpy(`${stem}.npy`);
  expect(header).toContain(`'shape': (${raw.length}, ${raw[0]?.length})`);
  expectClose(values, raw.flat(), TOLERANCE);
}

describe('a first source in gray', () => {
  it.each(files.filter((name) => name.startsWith('a-')))(
    '%s gives the values of its pixels',
    async (name) => {
      const stem = await fuse(file(name), at('other.png'));
      expectRaw(stem, cases.gray.raw);
      const { shape, data } = await pixelsOf(`${stem}.png`);
      expect({ shape, data }).toEqual({ shape: [7, 9], data: cases.gray.stretch.flat() });
    },
  );
});

describe('a second source in colour', () => {
  it.each(files.filter((name) => name.startsWith('b-')))(
    '%s gives the values of its pixels',
    async (name) => {
      const stem = await fuse(file('a-gray.png'), file(name));
      expectRaw(stem, cases.colour.raw);
      const { shape, data } = await pixelsOf(`${stem}.png`);
      expect({ shape, data }).toEqual({ shape: [7, 9, 3], data: cases.colour.stretch.flat(2) });
    },
  );
});

describe('--tone', () => {
  it('clip is the output at 8 bits', async () => {
    const stem = await fuse(file('a-gray.png'), file('b-rgb.png'), '--tone', 'clip');
    expect((await pixelsOf(`${stem}.png`)).data).toEqual(cases.colour.clip.flat(2));
  });

  it('none is the output at 16 bits', async () => {
    const stem = await fuse(file('a-gray.png'), file('b-rgb.png'), '--tone', 'none');
    const { data } = await readScaledPicture(`${stem}.png`, { low: 0, high: 65535 });
    const wanted: number[] = cases.colour.none.flat(2);
    // float32 rounds the luminance and the colour before the 16 bits are: a level at the edge of two.
    data.forEach((value, i) => {
      expect(Math.abs(Math.round(value * 257) - (wanted[i] as number))).toBeLessThanOrEqual(1);
    });
    expectRaw(stem, cases.colour.raw);
  });
});

describe('--range-a', () => {
  it.each(['0..65535', '20000..30000', 'auto', '5%..95%'])('%s keeps all 16 bits', async (range) => {
    for (const name of ['deep.png', 'deep.tif']) {
      expectRaw(await fuse(file(name), at('other.png'), '--range-a', range), cases.deep.raw[range]);
    }
  });

  it('left out reads the higher 8 bits, as the authors do', async () => {
    expectRaw(await fuse(file('deep.png'), at('other.png')), cases.deep.raw['8bit']);
  });

  it('reads floating point in its own units', async () => {
    // The file has hundredths.
    const stem = await fuse(file('deep-float.tif'), at('other.png'), '--range-a', '200..300');
    expectRaw(stem, cases.deep.raw['20000..30000']);
  });

  it('and --range-b each are for their own source', async () => {
    const wide = await fuse(at('other.png'), file('deep.png'), '--range-b', '20000..30000');
    const narrow = readNpy(`${wide}.npy`).values;
    await fuse(at('other.png'), file('deep.png'), '--range-a', '0..255');
    expect(readNpy(`${wide}.npy`).values).not.toEqual(narrow);
  });
});

describe('sizes', () => {
  it.each(['1x1', '5x1', '1x6', '3x2'])('%s is fused', async (size) => {
    await save('a.png', cases[size].a);
    await save('b.png', cases[size].b);
    const stem = await fuse(at('a.png'), at('b.png'));
    expectRaw(stem, cases[size].raw);
    const raw: number[] = cases[size].raw.flat();
    const [least, most] = [Math.min(...raw), Math.max(...raw)];
    // One value has nothing to stretch: it is shown as it is.
    const levels = raw.map((value) => (most > least ? (value - least) / (most - least) : value) * 255);
    (await pixelsOf(`${stem}.png`)).data.forEach((value, i) => {
      expect(Math.abs(value - (levels[i] as number))).toBeLessThanOrEqual(0.51);
    });
  });
});

describe('names', () => {
  it('with spaces, quotes, dots and any script are kept', async () => {
    const names = ['a b', "it's x", 'v1.2', '$(x)&', '夜景 1', 'эхо', '🌙'];
    for (const name of names) {
      copyFileSync(file('a-gray.png'), at('ir', `${name}.png`));
      copyFileSync(at('other.png'), at('vi', `${name}.png`));
    }
    expect((await run([...argumentsWith(), '--quiet'])).stderr).toBe('');
    expect(readdirSync(at('out')).sort()).toEqual(names.map((name) => `${name}.png`).sort());
    expect((await pixelsOf(at('out', '夜景 1.png'))).data).toEqual(cases.gray.stretch.flat());
  });

  it('that Unicode spells in two ways are one', async () => {
    copyFileSync(file('a-gray.png'), at('ir', 'Zu\u0308rich.png'));
    copyFileSync(at('other.png'), at('vi', 'Z\u00fcrich.png'));
    expect((await run([...argumentsWith(), '--quiet'])).stderr).toBe('');
    expect(readdirSync(at('out'))).toEqual(['Z\u00fcrich.png']);
  });
});
