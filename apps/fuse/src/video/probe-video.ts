import { stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import { outputOf } from './run-tool.js';

/** What is known of a video before it is decoded. */
export interface VideoInfo {
  /** Frames a second, as a fraction: `30000/1001`. */
  readonly rate: string;
  /** The matrix between RGB and the file's colours, as ffmpeg's `scale` filter names it. */
  readonly matrix: 'bt709' | 'bt601';
  /** The number of frames, where the file says so; else `null`. */
  readonly frames: number | null;
  /** The number of packets, of which a frame is nearly always one: for showing progress. */
  readonly packets: number;
}

interface Stream {
  readonly width?: number;
  readonly height?: number;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly color_space?: string;
  readonly nb_frames?: string;
  readonly nb_read_packets?: string;
}

const ENTRIES = 'stream=width,height,avg_frame_rate,r_frame_rate,color_space,nb_frames,nb_read_packets';

/**
 * Asks ffprobe about the first video stream of a file.
 * @throws FileError if there is no such file, or no video in it; OptionError if ffprobe is not installed
 */
export async function probeVideo(path: string): Promise<VideoInfo> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  if (!info.isFile()) throw new FileError(`"${path}" is not a regular file; name a video`);
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-count_packets',
    '-show_entries',
    ENTRIES,
    '-of',
    'json',
    fileUrl(path),
  ];
  const notVideo = new FileError(`"${path}" is not a video that ffmpeg can read; name a video`);
  const printed = await outputOf('ffprobe', args, path).catch((error: unknown) => {
    throw error instanceof FileError ? notVideo : error;
  });
  const [stream] = (JSON.parse(printed) as { streams?: Stream[] }).streams ?? [];
  const rate = [stream?.avg_frame_rate, stream?.r_frame_rate].find((value) => rateOf(value) > 0);
  if (!stream || !rate) throw notVideo;
  return {
    rate,
    matrix: matrixOf(stream),
    frames: Number(stream.nb_frames) || null,
    packets: Number(stream.nb_read_packets) || 0,
  };
}

/** A path that ffmpeg takes for a file of this name, whatever it begins with. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}

/** A fraction's value; 0 for what is none. */
export function rateOf(rate: string | undefined): number {
  const match = /^(\d+)\/(\d+)$/.exec(rate ?? '');
  return match && Number(match[2]) > 0 ? Number(match[1]) / Number(match[2]) : 0;
}

/** What the file says; else what players assume: the matrix of television, by its height. */
function matrixOf({ color_space: space, height = 0 }: Stream): VideoInfo['matrix'] {
  if (space === 'bt709') return 'bt709';
  if (space === 'smpte170m' || space === 'bt470bg') return 'bt601';
  return height >= 720 ? 'bt709' : 'bt601';
}
