import { resolve } from 'node:path';
import { progress } from '@refusion/cli';
import { FileError, OptionError } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import { type FrameFuser, type FrameTone, type Fuse, fuseFrames } from '@refusion/pipeline';
import type { Showing } from '../fuse-pairs.js';
import type { MemoryBudget } from '../memory.js';
import { probeVideo, rateOf, type VideoInfo } from './probe-video.js';
import { readVideo } from './read-video.js';
import { writeVideo } from './write-video.js';

export interface FuseVideoOptions extends Omit<Showing, 'out'> {
  readonly a: string;
  readonly b: string;
  /** The video to write. */
  readonly out: string;
  readonly tone: FrameTone;
  readonly budget: MemoryBudget;
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
 * @throws FileError if a video cannot be read or written, or they do not have equally many frames; OptionError if
 * ffmpeg is not installed, or the output would replace a source; ShapeError if the frames differ in size
 */
export async function fuseVideo(fuse: Fuse, options: FuseVideoOptions): Promise<FusedVideo> {
  const { a, b, out, tone, budget } = options;
  for (const source of [a, b]) {
    if (resolve(source) === resolve(out)) {
      throw new OptionError(`"${source}" would be replaced by the result, give that another name`);
    }
  }
  const start = performance.now();
  const [infoA, infoB] = [await probeVideo(a), await probeVideo(b)];
  expectTogether(a, infoA, b, infoB);
  const bar = progress({
    label: 'fuse',
    total: infoA.packets,
    quiet: options.quiet,
    stream: options.stream,
  });
  let size: readonly [height: number, width: number] = [0, 0];
  let frames = 0;
  async function* fusedFrames(): AsyncGenerator<Picture, void, undefined> {
    const fuseFrame: FrameFuser = (x, y, how) =>
      fuse(x, y, { ...how, memory: budget.left({ a: x, b: y, pairs: 1, held: 0 }) });
    const [framesA, framesB] = [readVideo(a, infoA), readVideo(b, infoB)];
    for await (const { gray, color } of fuseFrames(fuseFrame, framesA, framesB, { tone })) {
      size = [gray.shape[0], gray.shape[1]];
      frames++;
      yield color ?? gray;
      bar.update(frames, '');
    }
  }
  try {
    await writeVideo(out, fusedFrames(), { rate: infoA.rate, sound: a });
    bar.update(frames, `result in ${out}`);
  } finally {
    bar.stop();
  }
  const [height, width] = size;
  return { file: out, frames, width, height, rate: infoA.rate, seconds: (performance.now() - start) / 1000 };
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
