import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Picture } from '@refusion/image-io';
import { fileError } from '@refusion/image-io/node';
import { encodePpm } from './ppm.js';
import { fileUrl, type VideoInfo } from './probe-video.js';
import { outputOf, type RunningTool, startTool } from './run-tool.js';

/**
 * Writes frames as a video, with the sound of another, so that the name never stands for half of it: ffmpeg encodes into
 * a temporary file of the same folder, which takes the name when it is whole.
 *
 * The format is that of the name's extension. H.264 where ffmpeg has libx264, of a quality at which losses are hardly
 * seen; else what ffmpeg chooses.
 * @param sound a file whose audio streams are copied as they are, if it has any
 * @throws FileError if the file cannot be encoded or written; nothing is left then and an old file is unchanged
 */
export async function writeVideo(
  path: string,
  frames: AsyncIterable<Picture>,
  { rate, sound }: { readonly rate: VideoInfo['rate']; readonly sound: string },
): Promise<void> {
  // The extension stays at the end: ffmpeg tells the format by it.
  const temporary = join(dirname(path), `.${randomUUID()}.${basename(path)}`);
  const h264 = / libx264 /.test(await outputOf('ffmpeg', ['-v', 'error', '-encoders'], path));
  let encoder: RunningTool | null = null;
  // A frame is encoded while the next one is made.
  let writing = Promise.resolve();
  try {
    for await (const frame of frames) {
      encoder ??= startEncoder(temporary, path, { frame, rate, sound, h264 });
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
    encoder?.process.kill();
    await encoder?.ended.catch(() => {});
    await rm(temporary, { force: true });
  }
}

interface Encoding {
  readonly frame: Picture;
  readonly rate: string;
  readonly sound: string;
  readonly h264: boolean;
}

function startEncoder(temporary: string, path: string, { frame, rate, sound, h264 }: Encoding): RunningTool {
  const [height, width] = frame.shape;
  // Colour at half resolution plays everywhere, but needs even sides.
  const pixels = height % 2 === 0 && width % 2 === 0 ? 'yuv420p' : 'yuv444p';
  const ours = ['-f', 'image2pipe', '-c:v', 'ppm', '-framerate', rate, '-i', 'pipe:0'];
  const matrix = 'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int';
  const colour = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const quality =
    h264 && /\.(mp4|m4v|mov|mkv)$/i.test(path) ? ['-c:v', 'libx264', '-crf', '16'] : ['-q:v', '2'];
  const args = [
    ...['-v', 'error', '-nostdin', '-n', ...ours, '-i', fileUrl(sound), '-map', '0:v', '-map', '1:a?'],
    ...['-c:a', 'copy', '-vf', matrix, '-pix_fmt', pixels, ...colour, ...quality, fileUrl(temporary)],
  ];
  const encoder = startTool('ffmpeg', args, path, ['pipe', 'ignore', 'pipe']);
  encoder.process.stdin?.on('error', () => {}); // each write tells of its own
  return encoder;
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
