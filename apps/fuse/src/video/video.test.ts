import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { reference } from '@refusion/autodiff';
import { FileError, OptionError, RefusionError, rng } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { loadFusion } from '@refusion/pipeline/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, closeTrial, commandOf, openTrial, run } from '../trial.js';
import { probeFfmpeg } from './ffmpeg.js';
import { probeVideo } from './probe-video.js';
import { readVideo } from './read-video.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

const installed =
  spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0;

interface Clip {
  readonly size?: string;
  readonly rate?: string;
  readonly frames?: number;
  readonly pixels?: string;
  readonly sound?: boolean;
  /** One colour everywhere instead of the test picture. */
  readonly color?: string;
  readonly codec?: string;
  /** Options that come last. */
  readonly more?: readonly string[];
}

/** Makes a clip with ffmpeg's own test picture, in colour or gray. */
function makeClip(
  name: string,
  {
    size = '32x24',
    rate = '25',
    frames = 5,
    pixels = 'yuv420p',
    sound,
    color,
    codec = 'ffv1',
    more = [],
  }: Clip = {},
): void {
  const source = color ? `color=c=${color}:` : 'testsrc=';
  const video = ['-f', 'lavfi', '-i', `${source}size=${size}:rate=${rate}`];
  const audio = sound ? ['-f', 'lavfi', '-i', 'sine=frequency=440', '-shortest', '-c:a', 'aac'] : [];
  const coded = ['-frames:v', `${frames}`, '-pix_fmt', pixels, '-c:v', codec, ...more];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...video, ...audio, ...coded, at(name)]);
}

const options = (a: string, b: string, out: string, ...others: string[]): string[] => [
  ...['--weights', at('f.safetensors'), '--engine', 'reference'],
  ...['--video', at(a), at(b), at(out), ...others],
];

interface Probed {
  readonly streams: readonly { readonly [key: string]: string | number }[];
}

function probe(name: string): Probed['streams'] {
  const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', at(name)];
  return (JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as Probed).streams;
}

/** The frames of a clip, as the program reads them. */
async function frames(name: string, like = name, warn?: (line: string) => void): Promise<Picture[]> {
  const all: Picture[] = [];
  const [info, ffmpeg] = [await probeVideo(at(like)), await probeFfmpeg(at(name))];
  for await (const frame of readVideo(at(name), { info, ffmpeg, warn })) all.push(frame);
  return all;
}

const title = installed ? 'refusion-fuse --video' : 'refusion-fuse --video: skipped, there is no ffmpeg';

describe.runIf(installed)(title, () => {
  it('writes a video with the frames, rate, size, colour and sound of the sources', async () => {
    makeClip('a.mkv', { rate: '30000/1001', pixels: 'gray', sound: true });
    makeClip('b.mkv', { rate: '30000/1001' });
    const { stdout, stderr } = await run([...options('a.mkv', 'b.mkv', 'out.mp4'), '--json']);
    expect(stderr).toMatch(/^fuse: 5\/5 in .*, result in .*out\.mp4\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'reference',
      fused: [{ file: at('out.mp4'), frames: 5, width: 32, height: 24, rate: '30000/1001' }],
      failed: [],
    });
    const [video, audio] = probe('out.mp4');
    expect(video).toMatchObject({ width: 32, height: 24, r_frame_rate: '30000/1001', nb_read_frames: '5' });
    expect(audio).toMatchObject({ codec_type: 'audio', codec_name: 'aac' });
    expect(readdirSync(at()).sort()).toEqual(['a.mkv', 'b.mkv', 'f.safetensors', 'ir', 'out.mp4', 'vi']);
  });

  it('shows in each frame what the pipeline makes of it', async () => {
    const fuse = await loadFusion(at('f.safetensors'), reference);
    makeClip('a.mkv', { pixels: 'gray' });
    // Colours are stored at half the resolution, so one colour everywhere is kept, and the brightness of anything.
    for (const color of ['0x4080b0', '0xb07040']) {
      makeClip('b.mkv', { pixels: 'bgr0', color });
      await run(options('a.mkv', 'b.mkv', 'out.mkv', '--tone', 'clip', '--quiet'));
      const [as, bs, fused] = [await frames('a.mkv'), await frames('b.mkv'), await frames('out.mkv')];
      expect(fused.length).toBe(5);
      for (const [i, frame] of fused.entries()) {
        const { color: expected } = await fuse(as[i] as Picture, bs[i] as Picture, { tone: 'clip' });
        expect(frame.shape).toEqual(expected?.shape);
        const off = frame.data.map((value, j) => Math.abs(value - (expected?.data[j] as number)));
        // H.264 of high quality.
        expect(Math.max(...off)).toBeLessThanOrEqual(12);
        expect(off.reduce((sum, each) => sum + each, 0) / off.length).toBeLessThan(2.5);
      }
    }
  });

  it('keeps frames of odd sizes as they are', async () => {
    makeClip('a.mkv', { size: '33x25', frames: 2 });
    makeClip('b.mkv', { size: '33x25', frames: 2 });
    await run(options('a.mkv', 'b.mkv', 'out.mp4'));
    expect(probe('out.mp4')[0]).toMatchObject({ width: 33, height: 25, nb_read_frames: '2' });
  });

  it('keeps the shape of pixels, of frames that are turned as well', async () => {
    makeClip('a.mp4', { codec: 'mpeg4', frames: 2, more: ['-vf', 'setsar=16/11'] });
    await run(options('a.mp4', 'a.mp4', 'out.mp4'));
    expect(probe('out.mp4')[0]).toMatchObject({ width: 32, height: 24, sample_aspect_ratio: '16:11' });
    const turn = ['-c', 'copy', '-metadata:s:v', 'rotate=90'];
    execFileSync('ffmpeg', ['-v', 'error', '-i', at('a.mp4'), ...turn, at('turned.mp4')]);
    await run(options('turned.mp4', 'turned.mp4', 'out.mp4'));
    expect(probe('out.mp4')[0]).toMatchObject({ width: 24, height: 32, sample_aspect_ratio: '11:16' });
  });

  it.each([
    ['smpte240m', 'smpte240m'],
    ['fcc', 'fcc'],
    ['bt2020nc', 'bt2020'],
  ])('reads the colours of %s', async (space, matrix) => {
    const scale = `scale=out_color_matrix=${matrix}:flags=accurate_rnd+full_chroma_int`;
    makeClip('b.mkv', {
      ...{ pixels: 'yuv444p', color: '0xd02040', frames: 1 },
      more: ['-vf', scale, '-colorspace', space],
    });
    expect(probe('b.mkv')[0]).toMatchObject({ color_space: space });
    const [frame] = await frames('b.mkv');
    // Two roundings to 8 bits; the next matrix would be 9 off and more.
    for (const [i, value] of [0xd0, 0x20, 0x40].entries()) {
      expect(Math.abs((frame?.data[i] as number) - value)).toBeLessThanOrEqual(3);
    }
  });

  it('keeps primaries that are not those of BT.709', async () => {
    makeClip('a.mkv', { pixels: 'gray' });
    makeClip('b.mkv', { more: ['-color_primaries', 'bt2020'] });
    await run(options('a.mkv', 'b.mkv', 'out.mp4'));
    expect(probe('out.mp4')[0]).toMatchObject({ color_primaries: 'bt2020', color_space: 'bt709' });
    await run(options('a.mkv', 'a.mkv', 'out.mp4'));
    expect(probe('out.mp4')[0]).toMatchObject({ color_primaries: 'bt709' });
  });

  it('warns of frames that do not follow each other evenly, and keeps them all', async () => {
    makeClip('a.mkv', { frames: 8, more: ['-vf', 'select=not(eq(mod(n\\,5)\\,3))', '-vsync', 'vfr'] });
    makeClip('b.mkv', { frames: 8 });
    const { stderr } = await run(options('a.mkv', 'b.mkv', 'out.mp4'));
    expect(stderr).toMatch(/^warning: the frames of "\S+a\.mkv" do not follow each other evenly; /);
    expect(stderr.match(/warning/g)).toHaveLength(1);
    expect(probe('out.mp4')[0]).toMatchObject({ nb_read_frames: '8' });
    expect((await run(options('a.mkv', 'b.mkv', 'out.mp4', '--quiet'))).stderr).toBe('');
  });

  it('warns of damage that ffmpeg passes over, and refuses what it does not', async () => {
    const makeDamaged = (codec: string, pixels: string): void => {
      makeClip('a.avi', { codec, pixels, size: '64x48', frames: 20 });
      const bytes = readFileSync(at('a.avi'));
      const middle = bytes.length >> 1;
      writeFileSync(
        at('a.avi'),
        bytes.map((byte, i) => (i >= middle && i < middle + 300 ? byte ^ 0x5a : byte)),
      );
    };
    makeDamaged('mjpeg', 'yuvj420p');
    const lines: string[] = [];
    expect(await frames('a.avi', 'a.avi', (line) => lines.push(line))).toHaveLength(20);
    expect(lines).toEqual([expect.stringMatching(/^"\S+a\.avi" is damaged, ffmpeg says: \w/)]);
    makeDamaged('mpeg4', 'yuv420p');
    await expect(frames('a.avi')).rejects.toThrow('a.avi": ffmpeg failed: ');
  });

  it('ends where a decoder writes what is no frame, and goes on writing', async () => {
    makeClip('a.mkv');
    mkdirSync(at('bin'));
    writeFileSync(at('bin', 'ffmpeg'), '#!/bin/sh\nexec yes this is no frame, and there is more of it\n');
    chmodSync(at('bin', 'ffmpeg'), 0o755);
    const ffmpeg = await probeFfmpeg(at('a.mkv'));
    const info = await probeVideo(at('a.mkv'));
    const path = process.env['PATH'];
    process.env['PATH'] = `${at('bin')}:${path}`;
    try {
      const reading = readVideo(at('a.mkv'), { info, ffmpeg }).next();
      await expect(reading).rejects.toThrow('a.mkv" could not be decoded to its end');
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('does not decode frames larger than the file said', async () => {
    makeClip('a.mkv');
    makeClip('large.avi', { size: '12000x9000', frames: 1, codec: 'mjpeg', pixels: 'yuvj420p' });
    await expect(frames('large.avi', 'a.mkv')).rejects.toThrow('large.avi": ffmpeg failed: ');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing when it is ended by %s', async (signal) => {
    makeClip('a.mkv', { frames: 3000, codec: 'mpeg4' });
    const [command, ...args] = commandOf(options('a.mkv', 'a.mkv', 'out.mp4', '--json'));
    const before = readdirSync(at()).sort();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const written = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (text) => {
        written[name] += text;
      });
    }
    while (!readdirSync(at()).some((name) => name.endsWith('out.mp4'))) await pause(20);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(readdirSync(at()).sort()).toEqual(before);
    expect(written.stderr).toMatch(/^fuse: \d+\/3000 in .*, interrupted, there is no result\n$/m);
    expect(JSON.parse(written.stdout)).toMatchObject({ fused: [], failed: [] });
  });

  const cases: readonly [what: string, kind: typeof RefusionError, message: string, make: () => string[]][] =
    [
      [
        'frames of different sizes',
        FileError,
        'b.mkv" of 30x24; give videos of one size',
        () => {
          makeClip('b.mkv', { size: '30x24' });
          return options('a.mkv', 'b.mkv', 'out.mp4');
        },
      ],
      [
        'different numbers of frames',
        RefusionError,
        'b ends after 3 frames, a has more',
        () => {
          makeClip('b.mkv', { frames: 3 });
          return options('a.mkv', 'b.mkv', 'out.mp4');
        },
      ],
      [
        'different frame rates',
        FileError,
        'a.mkv" has 25/1 frames a second and ',
        () => {
          makeClip('b.mkv', { rate: '30' });
          return options('a.mkv', 'b.mkv', 'out.mp4');
        },
      ],
      [
        'something that is no video',
        FileError,
        'f.safetensors" is not a video that ffmpeg can read; name a video',
        () => options('a.mkv', 'f.safetensors', 'out.mp4'),
      ],
      [
        'a video that is missing',
        FileError,
        'none.mp4" cannot be read',
        () => options('none.mp4', 'a.mkv', 'out.mp4'),
      ],
      [
        'a source that is the result by another path',
        OptionError,
        'a.mkv" would be replaced by the result, give that another name',
        () => {
          symlinkSync(at(), at('again'), 'dir');
          return options('a.mkv', 'a.mkv', 'again/a.mkv');
        },
      ],
      [
        'frames of too many pixels',
        FileError,
        'large.avi" has frames of 12000x9000 pixels, more than the 100 million that are read',
        () => {
          makeClip('large.avi', { size: '12000x9000', frames: 1, codec: 'mjpeg', pixels: 'yuvj420p' });
          return options('large.avi', 'large.avi', 'out.mp4');
        },
      ],
      [
        'HDR',
        FileError,
        'b.mkv" is an HDR video (PQ), which fusing would show wrongly; convert it to BT.709',
        () => {
          makeClip('b.mkv', { more: ['-color_trc', 'smpte2084'] });
          return options('a.mkv', 'b.mkv', 'out.mp4');
        },
      ],
      [
        'colours that are neither RGB nor luminance and differences',
        FileError,
        'b.mkv" has its colours as ycgco, which is not read; convert it to BT.709',
        () => {
          makeClip('b.mkv', { more: ['-colorspace', 'ycgco'] });
          return options('a.mkv', 'b.mkv', 'out.mp4');
        },
      ],
      [
        'a video without frames',
        FileError,
        'empty.y4m" have no frames; name other videos',
        () => {
          writeFileSync(at('empty.y4m'), 'YUV4MPEG2 W32 H24 F25:1 Ip A1:1 C420jpeg\n');
          return options('empty.y4m', 'empty.y4m', 'out.mp4');
        },
      ],
      [
        'a folder that is missing',
        FileError,
        'out.mp4" cannot be written: there is no such file or folder; check the path',
        () => options('a.mkv', 'a.mkv', 'none/out.mp4'),
      ],
    ];
  it.each(cases)('refuses %s and leaves nothing half-written', async (_what, kind, message, make) => {
    makeClip('a.mkv');
    const args = make();
    writeFileSync(at('out.mp4'), 'an old result');
    const running = run(args);
    await expect(running).rejects.toThrow(kind);
    await expect(running).rejects.toThrow(message);
    expect(readFileSync(at('out.mp4'), 'utf8')).toBe('an old result');
    expect(readdirSync(at()).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('the options of --video', () => {
  it.each([
    ['--video takes three files, two videos and the one to make of them, got 2', ['a.mp4', 'b.mp4']],
    ['--video takes three files, two videos and the one to make of them, got 4', ['a', 'b', 'c', 'd']],
    ['--video names its sources and its result, leave --out out', ['a', 'b', 'c', '--out', 'x']],
    ['--tone none is for pictures, choose steady, stretch or clip', ['a', 'b', 'c.mp4', '--tone', 'none']],
    ['--video fuses frame by frame, leave --jobs out', ['a', 'b', 'c.mp4', '--jobs', '2']],
    ['--video fuses frame by frame, leave --batch out', ['a', 'b', 'c.mp4', '--batch', '1']],
    ['"c.m3u8" is no name for a video, end it with one of .mp4, ', ['a', 'b', 'c.m3u8']],
    ['"c" is no name for a video, end it with one of .mp4, ', ['a', 'b', 'c']],
  ])('%s', async (message, files) => {
    const running = run(['--weights', at('f.safetensors'), '--engine', 'reference', '--video', ...files]);
    await expect(running).rejects.toThrow(OptionError);
    await expect(running).rejects.toThrow(message);
  });

  it('are not those of pictures', async () => {
    const running = run(['--weights', 'f', '--a', 'a', '--b', 'b', '--out', 'c', '--tone', 'steady']);
    await expect(running).rejects.toThrow('--tone steady is for --video, choose stretch, clip or none');
  });

  it('say what is missing where there is no ffmpeg', async () => {
    writeFileSync(at('a.mp4'), 'x');
    const path = process.env['PATH'];
    process.env['PATH'] = at();
    try {
      const running = run(options('a.mp4', 'a.mp4', 'out.mp4'));
      await expect(running).rejects.toThrow(OptionError);
      await expect(running).rejects.toThrow('--video needs ffprobe, which cannot be started; install ffmpeg');
    } finally {
      process.env['PATH'] = path;
    }
    expect(existsSync(at('out.mp4'))).toBe(false);
  });
});
