import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileUrl } from './file-url.js';
import { startTool } from './run-tool.js';

/** When the frames of a video are shown. */
export interface FrameTimes {
  /** The number of packets, of which a frame is nearly always one. */
  readonly packets: number;
  /** Whether they follow each other evenly. */
  readonly even: boolean;
}

/**
 * Reads the times of all packets of the first video stream, without decoding them.
 * @param rate frames a second
 * @throws FileError if the file cannot be read
 */
export async function frameTimes(path: string, rate: number, signal?: AbortSignal): Promise<FrameTimes> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
  ];
  const { process: prober, ended } = startTool('ffprobe', [...args, fileUrl(path)], path, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let packets = 0;
  const times: number[] = [];
  for await (const line of createInterface({ input: prober.stdout as Readable })) {
    if (line === '') continue;
    packets++;
    // Some have `N/A`, and some a comma after the number.
    const time = Number.parseFloat(line);
    if (Number.isFinite(time)) times.push(time);
  }
  await ended;
  return { packets, even: isEven(times, rate) };
}

/** Files round times, to milliseconds for instance, and keep frames in the order of decoding. */
export function isEven(times: readonly number[], rate: number): boolean {
  const sorted = Float64Array.from(times).sort();
  return sorted.every((time, i) => i === 0 || Math.abs((time - (sorted[i - 1] as number)) * rate - 1) < 0.5);
}
