import type { Readable } from 'node:stream';
import type { Picture } from '@refusion/image-io';
import { readPpm } from './ppm.js';
import { fileUrl, type VideoInfo } from './probe-video.js';
import { startTool } from './run-tool.js';

/**
 * The frames of a video's first video stream, each `[H, W, 3]`, turned as the file says. They are decoded as they are
 * asked for, by an ffmpeg that runs beside this process; it ends with the iteration.
 * @throws FileError if the video cannot be decoded to its end
 */
export async function* readVideo(
  path: string,
  { matrix }: VideoInfo,
): AsyncGenerator<Picture, void, undefined> {
  const scale = `scale=in_color_matrix=${matrix}:flags=accurate_rnd+full_chroma_int+bitexact`;
  const args = ['-v', 'error', '-nostdin', '-i', fileUrl(path), '-map', '0:v:0', '-fps_mode', 'passthrough'];
  const output = ['-vf', scale, '-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const { process: decoder, ended } = startTool('ffmpeg', [...args, ...output], path, [
    'ignore',
    'pipe',
    'pipe',
  ]);
  let whole = false;
  try {
    yield* readPpm(decoder.stdout as Readable, path);
    whole = true;
    await ended;
  } catch (error) {
    // That ffmpeg failed says more than that its output ended.
    if (!whole) await ended;
    throw error;
  } finally {
    decoder.kill();
  }
}
