import { progress } from '@refusion/cli';
import { FileError, OptionError } from '@refusion/core';
import type { Picture, SourcePicture } from '@refusion/image-io';
import { type FrameFuser, type FrameTone, type Fuse, fuseFrames } from '@refusion/pipeline';
import type { Showing } from '../fuse-pairs.js';
import type { MemoryBudget } from '../memory.js';
import { type Ffmpeg, probeFfmpeg } from './ffmpeg.js';
import { probeVideo, rateOf, type VideoInfo } from './probe-video.js';
import { readVideo } from './read-video.js';
import { isSameFile } from './same-file.js';
import { writeVideo } from './write-video.js';

export interface FuseVideoOptions extends Omit<Showing, 'out'> {
  readonly a: string;
  readonly b: string;
  /** The video to write. */
  readonly out: string;
  readonly tone: FrameTone;
  readonly budget: MemoryBudget;
  /** Ends the work at once, and leaves nothing. */
  readonly signal: AbortSignal;
}

/** A video that was fused. */
export interface FusedVideo {
  readonly file: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second, as a fraction. */
  readonly rate: string;
  readonly seconds: number;
}

/** Rates may differ by this share before frames of the same number no longer belong together. */
const SAME_RATE = 1e-3;

/**
 * Fuses two videos frame by frame, with the frame rate and the sound of the first.
 * @returns `null` if the signal was aborted
 * @throws FileError if a video cannot be read or written, or they do not have equally many frames
 * of one size; OptionError if ffmpeg is not installed, or the output would replace a source
 */
export async function fuseVideo(fuse: Fuse, options: FuseVideoOptions): Promise<FusedVideo | null> {
  const { a, b, out, signal } = options;
  for (const source of [a, b]) {
    if (await isSameFile(source, out)) {
      throw new OptionError(`"${source}" would be replaced by the result, give that another name`);
    }
  }
  try {
    const infos = [await probeVideo(a, signal), await probeVideo(b, signal)] as const;
    expectTogether(a, infos[0], b, infos[1]);
    return await fuseProbed(fuse, options, infos, await probeFfmpeg(out));
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

async function fuseProbed(
  fuse: Fuse,
  options: FuseVideoOptions,
  infos: readonly [a: VideoInfo, b: VideoInfo],
  ffmpeg: Ffmpeg,
): Promise<FusedVideo> {
  const { a, b, out, tone, budget, quiet, stream, signal } = options;
  const [{ packets, rate, aspect }] = infos;
  const start = performance.now();
  const bar = progress({ label: 'fuse', total: packets, quiet, stream });
  const warn = (sentence: string): void => {
    if (!quiet) bar.log(`warning: ${sentence}`);
  };
  let size: readonly [height: number, width: number] = [0, 0];
  let frames = 0;
  async function* fusedFrames(): AsyncGenerator<Picture, void, undefined> {
    const fuseFrame: FrameFuser = async (x, y, how) => {
      expectOneSize(a, x, b, y);
      // The next frames are read meanwhile, and the last one is encoded.
      const held = 2 * (x.data.byteLength + y.data.byteLength);
      return fuse(x, y, { ...how, memory: budget.left({ a: x, b: y, pairs: 1, held }) });
    };
    const read = (path: string, info: VideoInfo) => readVideo(path, { info, ffmpeg, signal, warn });
    const [framesA, framesB] = [read(a, infos[0]), read(b, infos[1])];
    for await (const { gray, color } of fuseFrames(fuseFrame, framesA, framesB, { tone, signal })) {
      size = [gray.shape[0], gray.shape[1]];
      frames++;
      yield color ?? gray;
      bar.update(frames, '');
    }
    if (frames === 0) throw new FileError(`"${a}" and "${b}" have no frames; name other videos`);
  }
  try {
    for (const [i, path] of [a, b].entries()) warnOfTimes(path, infos[i] as VideoInfo, rate, warn);
    const primaries = infos[0].primaries ?? infos[1].primaries;
    await writeVideo(out, fusedFrames(), { rate, aspect, primaries, sound: a, h264: ffmpeg.h264, signal });
    bar.update(frames, `result in ${out}`);
  } finally {
    if (signal.aborted) bar.update(frames, 'interrupted, there is no result');
    bar.stop();
  }
  const [height, width] = size;
  return { file: out, frames, width, height, rate, seconds: (performance.now() - start) / 1000 };
}

function warnOfTimes(
  path: string,
  { even }: VideoInfo,
  rate: string,
  warn: (sentence: string) => void,
): void {
  if (even) return;
  warn(
    `the frames of "${path}" do not follow each other evenly; the result has all of them, ${rate} a second, so that they shift against the sound`,
  );
}

function expectTogether(a: string, infoA: VideoInfo, b: string, infoB: VideoInfo): void {
  if (Math.abs(rateOf(infoA.rate) / rateOf(infoB.rate) - 1) > SAME_RATE) {
    throw new FileError(
      `"${a}" has ${infoA.rate} frames a second and "${b}" ${infoB.rate}, so that they do not show the same moments; give videos of one rate`,
    );
  }
  if (infoA.frames !== null && infoB.frames !== null && infoA.frames !== infoB.frames) {
    throw new FileError(
      `"${a}" has ${infoA.frames} frames and "${b}" ${infoB.frames}; cut the longer one to the length of the other`,
    );
  }
}

/** Frames are compared, not what the files say: they may be turned, or change within a video. */
function expectOneSize(
  a: string,
  { shape: [heightA, widthA] }: SourcePicture,
  b: string,
  { shape: [heightB, widthB] }: SourcePicture,
): void {
  if (heightA === heightB && widthA === widthB) return;
  throw new FileError(
    `"${a}" has frames of ${widthA}x${heightA} pixels and "${b}" of ${widthB}x${heightB}; give videos of one size`,
  );
}
