import { outputOf } from './run-tool.js';

/** What the installed ffmpeg can do, or calls otherwise than others do. */
export interface Ffmpeg {
  /** Whether it writes H.264 by libx264. */
  readonly h264: boolean;
  /** The options with which every frame of a source comes out, once. */
  readonly everyFrame: readonly string[];
}

/**
 * Asks the installed ffmpeg.
 * @param file what errors are about
 * @throws OptionError if it is not installed
 */
export async function probeFfmpeg(file: string): Promise<Ffmpeg> {
  const [version, encoders] = [
    await outputOf('ffmpeg', ['-version'], file),
    await outputOf('ffmpeg', ['-v', 'error', '-encoders'], file),
  ];
  return { h264: / libx264 /.test(encoders), everyFrame: everyFrameBy(version) };
}

/** `-fps_mode` came with 5.1, and `-vsync` goes. Builds between versions, `N-...`, are taken for new ones. */
export function everyFrameBy(version: string): readonly string[] {
  const [, major, minor] = (/^ffmpeg version n?(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  const old = major !== undefined && major + (minor ?? 0) / 100 < 5.01;
  return [old ? '-vsync' : '-fps_mode', 'passthrough'];
}
