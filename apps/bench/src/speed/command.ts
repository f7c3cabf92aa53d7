import { formatTable, progress } from '@refusion/cli';
import { type EngineName, loadEngine } from '@refusion/tf';
import { toJson } from '../json.js';
import type { ExitCode, Streams } from '../streams.js';
import { measureSpeed, type Speed, type SpeedOptions } from './measure.js';
import { FORWARD } from './workload.js';

export interface SpeedCommandOptions extends SpeedOptions {
  readonly engine: EngineName;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `bench speed`: times an engine. */
export async function runSpeed(options: SpeedCommandOptions, streams: Streams): Promise<ExitCode> {
  const { engine: name, runs, json = false, quiet = false } = options;
  const engine = await loadEngine(name);
  const bar = progress({ label: 'speed', total: 3 * (runs + 1), stream: streams.stderr, quiet });
  const speed = await measureSpeed(engine, options, () => bar.step()).finally(bar.stop);
  streams.stdout.write(json ? toJson(speed) : speedText(speed, options));
  return 0;
}

function speedText(speed: Speed, { runs, forward = FORWARD }: SpeedCommandOptions): string {
  const { engine, threads, batch, size, meta_s, fusion_s, forward_s, peak_gb } = speed;
  const rows = [
    [`meta-step, ${batch} pairs of ${size}x${size}`, `${meta_s} s`],
    [`fusion update, ${batch} pairs of ${size}x${size}`, `${fusion_s} s`],
    [`fusing one pair of ${forward.join('x')}`, `${forward_s} s`],
    ['most memory', `${peak_gb} GB`],
  ];
  const head = [`${engine}, threads: ${threads}`, `median of ${runs}`];
  return `${formatTable(head, rows, { align: ['left', 'right'] })}\n`;
}
