import { type ChildProcess, spawn } from 'node:child_process';
import { RefusionError } from '@refusion/core';
import type { Speed } from './measure.js';
import { median } from './median.js';

/** As many characters of what a peer prints are kept, of its end; one that prints far more never comes to an end. */
const KEPT = 100_000;
const MOST_PRINTED = 100_000_000;

/** What a peer printed: seconds by keys that end in `_s`, and whatever else. */
export type PeerTimes = Readonly<Record<string, unknown>>;

/**
 * Runs another program that times the same work and takes the last line that it prints, an object in JSON.
 * @throws RefusionError if it fails or prints no such line
 */
export async function runPeer(command: string): Promise<PeerTimes> {
  const { code, signal, stdout, stderr } = await finished(command);
  const complain = (what: string): RefusionError => new RefusionError(`--against: "${command}" ${what}`);
  const said = lastLine(stderr) || lastLine(stdout) || 'it says nothing';
  if (code === null) throw complain(`was ended by the signal ${signal}: ${said}`);
  if (code !== 0) throw complain(`ended with the code ${code}: ${said}`);
  const line = lastLine(stdout);
  const times = parsed(line);
  if (!times) throw complain(`must print an object in JSON as its last line, got "${line.slice(0, 80)}"`);
  if (secondsIn(times).length === 0) throw complain('must print seconds under keys such as "meta_s"');
  for (const key of secondsIn(times)) {
    const seconds = times[key];
    if (typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)) continue;
    throw complain(`must print seconds above zero, got ${seconds} as "${key}"`);
  }
  return times;
}

/**
 * A peer's median seconds, from several runs of it.
 * @throws RefusionError if it did not time the same in all of them
 */
export function peerMedians(runs: readonly PeerTimes[]): Record<string, number> {
  const keys = secondsIn(runs[0] ?? {});
  for (const run of runs) {
    const own = secondsIn(run);
    if (`${own.toSorted()}` === `${keys.toSorted()}`) continue;
    throw new RefusionError(
      `--against: must print the same keys in every round, got ${keys.join(', ')} and then ${own.join(', ')}`,
    );
  }
  return Object.fromEntries(keys.map((key) => [key, median(runs.map((run) => Number(run[key])))]));
}

/**
 * How many times as long the peer took: for each of its keys, against ours of the same piece of work, which is the part
 * before the first underscore, so that a peer may have several ways to do it.
 */
export function ratios(ours: Speed, peer: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(peer).flatMap(([key, seconds]) => {
      const own = ours[`${key.split('_', 1)[0]}_s` as keyof Speed];
      return typeof own === 'number' ? [[key, Number((seconds / own).toFixed(2))]] : [];
    }),
  );
}

function secondsIn(times: PeerTimes): string[] {
  return Object.keys(times).filter((key) => key.endsWith('_s') && times[key] !== null);
}

function parsed(line: string): PeerTimes | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PeerTimes) : null;
  } catch {
    return null;
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

interface Finished {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function finished(command: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // On its own, so that it can be ended with all that it has started.
    const detached = process.platform !== 'win32';
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], detached });
    const end = (): void => endGroup(child, detached);
    process.once('exit', end);
    const text = { stdout: '', stderr: '' };
    let printed = 0;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] = (text[name] + chunk).slice(-KEPT);
        printed += chunk.length;
        if (printed <= MOST_PRINTED) return;
        // Who writes to a closed pipe is ended, the shell's children too.
        child.stdout.destroy();
        child.stderr.destroy();
        end();
        reject(new RefusionError(`--against: "${command}" prints without end; give a program that ends`));
      });
    }
    child.on('error', reject).on('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code, signal, ...text });
    });
  });
}

/** Ends a program and what it has started, if it still runs. */
function endGroup(child: ChildProcess, isGroup: boolean): void {
  if (!isGroup || child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid);
  } catch {
    // It has ended by itself.
  }
}
