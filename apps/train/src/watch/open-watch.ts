import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { OptionError } from '@refusion/core';
import { PROGRAM } from '../program.js';

/** What the page's program says when it serves. */
export interface Serving {
  readonly url: string;
}

/** A page that a program of its own serves. */
export interface Watch extends Serving {
  close(): void;
}

/**
 * Serves a run's page by this package's own `watch`, in a process of its own: an update keeps this one busy for
 * seconds. It ends when this one does, however that comes.
 * @param port as for `serveRun`
 * @throws OptionError saying why, if it does not serve
 */
export async function openWatch(run: string, port: number | null): Promise<Watch> {
  const options = port === null ? [] : ['--port', String(port)];
  // Out of the terminal's reach: Ctrl+C is for the training, which may still have something to save and to show.
  const child = spawn(process.execPath, [...PROGRAM, 'watch', run, ...options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    windowsHide: true,
  });
  const { url } = await serving(child);
  child.unref();
  child.channel?.unref();
  (child.stderr as { unref?(): void } | null)?.unref?.();
  return { url, close: () => child.connected && child.disconnect() };
}

async function serving(child: ChildProcess): Promise<Serving> {
  const complaint = child.stderr ? text(child.stderr) : Promise.resolve('');
  const started = once(child, 'message').then(([message]) => message as Serving);
  const failed = once(child, 'close').then(async () => {
    throw new OptionError(
      `--watch: ${(await complaint).trim().replace(/^error: /, '') || 'the page cannot be served'}`,
    );
  });
  return Promise.race([started, failed]);
}
