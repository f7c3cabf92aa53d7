import { extname } from 'node:path';
import { untilInterrupted } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import type { Options } from '../fuse-options.js';
import type { Job } from '../job.js';
import { memoryBudget } from '../memory.js';
import { fuseVideo } from './fuse-video.js';

/** Options that say nothing about videos. */
const OTHERS = {
  a: '--a',
  b: '--b',
  out: '--out',
  pairs: '--pairs',
  watch: '--watch',
  raw: '--raw',
  rangeA: '--range-a',
  rangeB: '--range-b',
} as const;

/** Formats of one file. Others write many, such as playlists and sequences of pictures, or none. */
const EXTENSIONS = ['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', '.mpg', '.ts', '.wmv'];

/**
 * What `--video a b out` asks for.
 * @throws OptionError if there are not three files, or another option does not go with them
 */
export function videoJob(options: Options, files: readonly string[]): Job {
  const [a, b, out] = files;
  if (a === undefined || b === undefined || out === undefined || files.length > 3) {
    throw new OptionError(
      `--video takes three files, two videos and the one to make of them, got ${files.length}`,
    );
  }
  for (const [name, option] of Object.entries(OTHERS)) {
    if (options[name as keyof typeof OTHERS] !== undefined) {
      throw new OptionError(`--video names its sources and its result, leave ${option} out`);
    }
  }
  for (const [option, count] of Object.entries({ '--jobs': options.jobs, '--batch': options.batch })) {
    if (count !== undefined) throw new OptionError(`--video fuses frame by frame, leave ${option} out`);
  }
  if (!EXTENSIONS.includes(extname(out).toLowerCase())) {
    throw new OptionError(`"${out}" is no name for a video, end it with one of ${EXTENSIONS.join(', ')}`);
  }
  const { tone = 'steady' } = options;
  if (tone === 'none') throw new OptionError('--tone none is for pictures, choose steady, stretch or clip');
  return async ({ fuse, most, quiet, stream }) => {
    const budget = memoryBudget(fuse, { most, base: process.memoryUsage.rss(), jobs: 1 });
    const video = await untilInterrupted((signal) =>
      fuseVideo(fuse, { a, b, out, tone, budget, quiet, stream, signal }),
    );
    return { fused: video ? [video] : [], failed: [] };
  };
}
