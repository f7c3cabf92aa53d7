import type { Readable } from 'node:stream';
import type { Picture } from '@refusion/image-io';
import { MAX_PIXELS } from '@refusion/image-io/node';
import type { Ffmpeg } from './ffmpeg.js';
import { fileUrl } from './file-url.js';
import { readPpm } from './ppm.js';
import type { VideoInfo } from './probe-video.js';
import { startTool } from './run-tool.js';

export interface ReadVideoOptions {
  /** What `probeVideo` says of the file. */
  readonly info: VideoInfo;
  readonly ffmpeg: Ffmpeg;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of damage that ffmpeg has passed over. */
  readonly warn?: ((sentence: string) => void) | undefined;
}

/**
 * The frames of a video's first video stream, each `[H, W, 3]`, turned as the file says. They are decoded as they are
 * asked for, by an ffmpeg that runs beside this process; it ends with the iteration.
 * @throws FileError if the video cannot be decoded to its end
 */
export async function* readVideo(
  path: string,
  { info, ffmpeg, signal, warn }: ReadVideoOptions,
): AsyncGenerator<Picture, void, undefined> {
  const scale = `scale=in_color_matrix=${info.matrix}:flags=accurate_rnd+full_chroma_int+bitexact`;
  const args = ['-v', 'error', '-nostdin', '-xerror', '-max_pixels', `${MAX_PIXELS}`, '-i', fileUrl(path)];
  const output = ['-vf', scale, '-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const { process: decoder, ended } = startTool(
    'ffmpeg',
    [...args, '-map', '0:v:0', ...ffmpeg.everyFrame, ...output],
    path,
    { stdio: ['ignore', 'pipe', 'pipe'], signal },
  );
  const frames = decoder.stdout as Readable;
  try {
    yield* readPpm(frames, path);
    const complaint = await ended;
    if (complaint !== '') warn?.(`"${path}" is damaged, ffmpeg says: ${complaint}`);
  } catch (error) {
    // That ffmpeg failed says more than that its output ended; while there is output, it waits for its being read.
    if (frames.readableEnded) await ended;
    throw error;
  } finally {
    decoder.kill('SIGKILL');
  }
}
