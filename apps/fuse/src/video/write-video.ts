import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Picture } from '@refusion/image-io';
import { fileError } from '@refusion/image-io/node';
import { fileUrl } from './file-url.js';
import { encodePpm } from './ppm.js';
import type { VideoInfo } from './probe-video.js';
import { type RunningTool, startTool } from './run-tool.js';

export interface WriteVideoOptions extends Pick<VideoInfo, 'rate' | 'aspect'> {
  /** The primaries of the frames' colours; `null`: those of BT.709. */
  readonly primaries: string | null;
  /** A file whose audio streams are copied as they are, if it has any. */
  readonly sound: string;
  /** Whether ffmpeg writes H.264. */
  readonly h264: boolean;
  /** Ends the writing: nothing is left then, and an old file is unchanged. */
  readonly signal: AbortSignal;
}

/**
 * Writes frames as a video, with the sound of another, so that the name never stands for half of it: ffmpeg encodes into
 * a temporary file of the same folder, which takes the name when it is whole.
 *
 * The format is that of the name's extension. H.264 where ffmpeg has libx264, of a quality at which losses are hardly
 * seen; else what ffmpeg chooses.
 * @throws FileError if the file cannot be encoded or written; nothing is left then and an old file is unchanged
 */
export async function writeVideo(
  path: string,
  frames: AsyncIterable<Picture>,
  options: WriteVideoOptions,
): Promise<void> {
  // The extension stays at the end: ffmpeg tells the format by it.
  const temporary = join(dirname(path), `.${randomUUID()}.${basename(path)}`);
  await expectWritable(temporary, path);
  let encoder: RunningTool | null = null;
  // ffmpeg encodes what it has while the next frame is made.
  let writing = Promise.resolve();
  try {
    for await (const frame of frames) {
      encoder ??= startEncoder(temporary, path, frame, options);
      await writing;
      writing = write(encoder, encodePpm(frame));
      writing.catch(() => {}); // told when it is waited for
    }
    await writing;
    if (encoder) {
      encoder.process.stdin?.end();
      await encoder.ended;
      await flush(temporary);
      await rename(temporary, path).catch((cause) => {
        throw fileError('written', path, cause);
      });
    }
  } finally {
    encoder?.process.kill('SIGKILL');
    await encoder?.ended.catch(() => {});
    await rm(temporary, { force: true });
  }
}

/** Tries whether a file can be made, so that nobody waits for frames that have no place. */
async function expectWritable(temporary: string, path: string): Promise<void> {
  try {
    await (await open(temporary, 'wx')).close();
    await rm(temporary);
  } catch (cause) {
    throw fileError('written', path, cause);
  }
}

function startEncoder(
  temporary: string,
  path: string,
  frame: Picture,
  options: WriteVideoOptions,
): RunningTool {
  const { rate, sound, signal } = options;
  // Otherwise ffmpeg would keep seconds of frames before it begins.
  const ours = ['-probesize', '32', '-f', 'image2pipe', '-c:v', 'ppm', '-framerate', rate, '-i', 'pipe:0'];
  const args = [
    ...['-v', 'error', '-nostdin', '-n', ...ours, '-i', fileUrl(sound), '-map', '0:v', '-map', '1:a?'],
    ...['-c:a', 'copy', ...encoding(path, frame, options), fileUrl(temporary)],
  ];
  const encoder = startTool('ffmpeg', args, path, { stdio: ['pipe', 'ignore', 'pipe'], signal });
  encoder.process.stdin?.on('error', () => {}); // each write tells of its own
  return encoder;
}

/** How RGB becomes a stream. */
function encoding(
  path: string,
  { shape }: Picture,
  { aspect, primaries, h264 }: WriteVideoOptions,
): string[] {
  const [height, width] = shape;
  // Colour at half resolution plays everywhere, but needs even sides.
  const pixels = height % 2 === 0 && width % 2 === 0 ? 'yuv420p' : 'yuv444p';
  const matrix = 'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int';
  const tags = ['-colorspace', 'bt709', '-color_primaries', primaries ?? 'bt709', '-color_trc', 'bt709'];
  const quality =
    h264 && /\.(mp4|m4v|mov|mkv)$/i.test(path) ? ['-c:v', 'libx264', '-crf', '16'] : ['-q:v', '2'];
  const filters = ['-vf', `${matrix},setsar=${aspect}`, '-pix_fmt', pixels];
  return [...filters, ...tags, '-color_range', 'tv', ...quality];
}

/** Resolves when the encoder has taken the bytes. @throws what made the encoder end */
async function write({ process: encoder, ended }: RunningTool, bytes: Uint8Array): Promise<void> {
  const input = encoder.stdin as Writable;
  const failed = await new Promise<unknown>((done) => input.write(bytes, done));
  // A closed pipe says less than how the encoder ended.
  if (failed) await ended;
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
