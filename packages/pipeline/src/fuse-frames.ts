import { expectOneOf, kindOf, OptionError, RefusionError } from '@refusion/core';
import type { SourcePicture } from '@refusion/image-io';
import type { Fused, FuseOptions } from './fuse-pictures.js';
import { steadyRange } from './steady-range.js';

/**
 * How the network's output becomes the brightness of a frame:
 * - `steady`: stretched as a picture is, but by extremes that follow those of the frames slowly, so that the brightness
 *   of what does not change stays;
 * - `stretch`: by each frame's own extremes, as the authors do with pictures: a film may flicker;
 * - `clip`: as it is.
 */
export type FrameTone = 'steady' | 'stretch' | 'clip';

/** Every tone of frames; the first is the default. */
export const FRAME_TONES: readonly [FrameTone, ...FrameTone[]] = ['steady', 'stretch', 'clip'];

export interface FuseFramesOptions {
  /** Default `steady`. */
  readonly tone?: FrameTone;
  /** Of `steady`: the share of the way that the extremes go from one frame to the next, in (0, 1]. Default 0.1. */
  readonly follow?: number;
  /** Ends the iteration with the signal's reason, at once: frames that are under way are not waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** Fuses two frames, as `pipeline` gives it. */
export type FrameFuser = (
  a: SourcePicture,
  b: SourcePicture,
  options: FuseOptions<'stretch' | 'clip'>,
) => Promise<Fused>;

/**
 * Fuses two streams of frames, frame by frame. The next frames are asked for before two are fused; they come meanwhile if
 * `fuse` leaves this thread free.
 *
 * @param framesA, framesB registered frames of one size, in the order that F was trained with
 * @returns the fused frames, as they are asked for; both streams are closed when the iteration ends. Breaking out of it
 * waits for the frames that the streams are at work on, unless `signal` is aborted before: one may never come.
 * @throws OptionError if an option is outside its range, or there is no stream; RefusionError, naming the number of the frame, if one stream
 * ends before the other; as `fuse` does
 * @example
 * for await (const { gray, color } of fuseFrames(fuse, infrared, visible)) show(color ?? gray);
 */
export async function* fuseFrames(
  fuse: FrameFuser,
  framesA: AsyncIterable<SourcePicture>,
  framesB: AsyncIterable<SourcePicture>,
  { tone = FRAME_TONES[0], follow = 0.1, signal }: FuseFramesOptions = {},
): AsyncGenerator<Fused, void, undefined> {
  expectStream('framesA', framesA);
  expectStream('framesB', framesB);
  expectOneOf('fuseFrames', 'tone', tone, FRAME_TONES);
  const range = tone === 'steady' ? steadyRange(follow) : undefined;
  const pairs = pairsOf(framesA, framesB);
  try {
    let next = pairs.next();
    for (;;) {
      const pair = await unlessAborted(next, signal);
      if (pair.done) return;
      next = pairs.next();
      // An error of the frames after these is told when their turn comes.
      next.catch(() => {});
      const [a, b] = pair.value;
      const fused = fuse(a, b, { tone: tone === 'clip' ? 'clip' : 'stretch', range });
      yield await unlessAborted(fused, signal);
    }
  } finally {
    const closed = pairs.return();
    if (signal?.aborted) closed.catch(() => {});
    else await closed;
  }
}

function expectStream(name: string, frames: AsyncIterable<SourcePicture>): void {
  if (typeof frames?.[Symbol.asyncIterator] === 'function') return;
  throw new OptionError(
    `fuseFrames: ${name} must be an async iterable of pictures, such as an async generator, got ${kindOf(frames)}`,
  );
}

/** What comes of some work. @throws the reason of the signal once it is aborted, however long the work takes */
async function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

type FramePair = readonly [a: SourcePicture, b: SourcePicture];

/** Frames of the same number. @throws RefusionError if one stream ends before the other */
async function* pairsOf(
  framesA: AsyncIterable<SourcePicture>,
  framesB: AsyncIterable<SourcePicture>,
): AsyncGenerator<FramePair, void, undefined> {
  const [as, bs] = [framesA[Symbol.asyncIterator](), framesB[Symbol.asyncIterator]()];
  try {
    for (let count = 0; ; count++) {
      const [a, b] = await Promise.all([as.next(), bs.next()]);
      if (a.done && b.done) return;
      if (a.done || b.done) {
        const [short, long] = a.done ? ['a', 'b'] : ['b', 'a'];
        throw new RefusionError(`fuseFrames: ${short} ends after ${count} frames, ${long} has more`);
      }
      yield [a.value, b.value];
    }
  } finally {
    await Promise.all([as.return?.(), bs.return?.()]);
  }
}
