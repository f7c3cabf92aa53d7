import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { reference } from '@refusion/autodiff';
import { FileError, OptionError, RefusionError, rng, ShapeError } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { loadFusion } from '@refusion/pipeline/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, closeTrial, openTrial, run } from '../trial.js';
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
}

/** Makes a clip with ffmpeg's own test picture, in colour or gray. */
function makeClip(
  name: string,
  { size = '32x24', rate = '25', frames = 5, pixels = 'yuv420p', sound, color }: Clip = {},
): void {
  const source = color ? `color=c=${color}:` : 'testsrc=';
  const video = ['-f', 'lavfi', '-i', `${source}size=${size}:rate=${rate}`];
  const audio = sound ? ['-f', 'lavfi', '-i', 'sine=frequency=440', '-shortest', '-c:a', 'aac'] : [];
  const coded = ['-frames:v', `${frames}`, '-pix_fmt', pixels, '-c:v', 'ffv1'];
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
    const frames = async (name: string): Promise<Picture[]> => {
      const all: Picture[] = [];
      for await (const frame of readVideo(at(name), await probeVideo(at(name)))) all.push(frame);
      return all;
    };
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

  const cases: readonly [what: string, kind: typeof RefusionError, message: string, make: () => string[]][] =
    [
      [
        'frames of different sizes',
        ShapeError,
        'b must have the height and width of a, 24 and 32, got 24 and 30',
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
        'a format that ffmpeg does not write',
        FileError,
        'out.xyz": ffmpeg failed: ',
        () => options('a.mkv', 'a.mkv', 'out.xyz'),
      ],
      [
        'a folder that is missing',
        FileError,
        'out.mp4": ffmpeg failed: ',
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
    ['--tone none is for pictures, choose steady, stretch or clip', ['a', 'b', 'c', '--tone', 'none']],
    ['would be replaced by the result, give that another name', ['a.mp4', 'b.mp4', 'b.mp4']],
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
