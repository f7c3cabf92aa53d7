import { stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import { fileError, MAX_PIXELS } from '@refusion/image-io/node';
import { type ColourTags, matrixOf, primariesOf } from './colour.js';
import { fileUrl } from './file-url.js';
import { type FrameTimes, frameTimes } from './frame-times.js';
import { outputOf } from './run-tool.js';

/** What is known of a video before it is decoded. */
export interface VideoInfo extends FrameTimes {
  /** Frames a second, as a fraction: `30000/1001`. */
  readonly rate: string;
  /** The matrix between RGB and the file's colours, as ffmpeg's `scale` filter names it. */
  readonly matrix: string;
  /** The file's primaries, where they are others than BT.709's; else `null`. */
  readonly primaries: string | null;
  /** How wide a pixel of a frame that is turned upright is to its height, as a fraction: `16/11`. */
  readonly aspect: string;
  /** The number of frames, where the file says so; else `null`. */
  readonly frames: number | null;
}

interface Stream extends ColourTags {
  readonly width?: number;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly sample_aspect_ratio?: string;
  readonly nb_frames?: string;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

const ENTRIES =
  'stream=width,height,avg_frame_rate,r_frame_rate,sample_aspect_ratio,color_space,color_transfer,color_primaries,nb_frames:stream_side_data=rotation';

/**
 * Asks ffprobe about the first video stream of a file.
 * @throws FileError if there is no such file, or no video in it that can be fused; OptionError if ffprobe is not installed
 */
export async function probeVideo(path: string, signal?: AbortSignal): Promise<VideoInfo> {
  const stream = await streamOf(path);
  const rate = [stream?.avg_frame_rate, stream?.r_frame_rate].find((value) => rateOf(value) > 0);
  if (!stream || !rate) throw notVideo(path);
  expectPixels(stream, path);
  return {
    rate,
    matrix: matrixOf(stream, path),
    primaries: primariesOf(stream),
    aspect: aspectOf(stream),
    frames: Number(stream.nb_frames) || null,
    ...(await frameTimes(path, rateOf(rate), signal)),
  };
}

/** A fraction's value; 0 for what is none. */
export function rateOf(rate: string | undefined): number {
  const match = /^(\d+)\/(\d+)$/.exec(rate ?? '');
  return match && Number(match[2]) > 0 ? Number(match[1]) / Number(match[2]) : 0;
}

async function streamOf(path: string): Promise<Stream | undefined> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  if (!info.isFile()) throw new FileError(`"${path}" is not a regular file; name a video`);
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    ENTRIES,
    '-of',
    'json',
    fileUrl(path),
  ];
  const printed = await outputOf('ffprobe', args, path).catch((error: unknown) => {
    throw error instanceof FileError ? notVideo(path) : error;
  });
  return (JSON.parse(printed) as { streams?: Stream[] }).streams?.[0];
}

function notVideo(path: string): FileError {
  return new FileError(`"${path}" is not a video that ffmpeg can read; name a video`);
}

function expectPixels({ width = 0, height = 0 }: Stream, path: string): void {
  if (width * height <= MAX_PIXELS) return;
  throw new FileError(
    `"${path}" has frames of ${width}x${height} pixels, more than the ${MAX_PIXELS / 1e6} million that are read; make it smaller`,
  );
}

/** ffmpeg turns frames as the file says, and wide pixels become high ones. */
function aspectOf({ sample_aspect_ratio: ratio = '', side_data_list: sides = [] }: Stream): string {
  const [, width, height] = /^([1-9]\d*):([1-9]\d*)$/.exec(ratio) ?? ['', '1', '1'];
  const turned = sides.some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  return turned ? `${height}/${width}` : `${width}/${height}`;
}
