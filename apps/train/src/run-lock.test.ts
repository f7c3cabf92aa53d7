import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownProcess, type ProcessMark } from './process-mark.js';
import { lockRun } from './run-lock.js';

const root = mkdtempSync(join(tmpdir(), 'refusion-lock-'));
afterAll(() => rmSync(root, { recursive: true }));

let run = '';
beforeEach(() => {
  run = mkdtempSync(join(root, 'run-'));
});

const LOCK = '.trainer.01234567-89ab-cdef-0123-456789abcdef.lock';
const locks = (): string[] => readdirSync(run);

/** Leaves the lock of another process, last heard of so many minutes ago. */
function leave(mark: Partial<ProcessMark>, minutes = 0): void {
  const path = join(run, LOCK);
  writeFileSync(path, `${JSON.stringify({ ...ownProcess(), ...mark })}\n`);
  const then = Date.now() / 1000 - 60 * minutes;
  utimesSync(path, then, then);
}

async function isFree(): Promise<boolean> {
  const lock = await lockRun(run).catch((error: Error) => error);
  if (lock instanceof Error) return false;
  await lock.release();
  return true;
}

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'close');
  return child.pid as number;
}

describe('a run folder', () => {
  it('belongs to one training, until that gives it back', async () => {
    const lock = await lockRun(run);
    const [own] = locks();
    await expect(lockRun(run)).rejects.toThrow(
      `${run}: process ${process.pid} is training in this folder; wait until it ends, stop it, or choose another folder (if it is over: remove ${join(run, own as string)})`,
    );
    expect(locks()).toEqual([own]);
    await lock.release();
    expect(locks()).toEqual([]);
    expect(await isFree()).toBe(true);
  });

  it('goes to one at most where many begin at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(run)));
    const held = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(held.length).toBeLessThanOrEqual(1);
    for (const lock of held) await lock.release();
    expect(locks()).toEqual([]);
  });

  it('that was not there goes again where nothing was put into it', async () => {
    run = join(run, 'new');
    await (await lockRun(run)).release();
    expect(existsSync(run)).toBe(false);
    const lock = await lockRun(run);
    writeFileSync(join(run, 'config.json'), '');
    await lock.release();
    expect(locks()).toEqual(['config.json']);
  });

  it('is not held by a process of this machine that has ended', async () => {
    leave({ pid: await endedProcess() });
    expect(await isFree()).toBe(true);
    expect(locks()).toEqual([]);
  });

  // Only Linux tells when a process and the machine began.
  it.runIf(process.platform === 'linux')('is not held by one whose number another has now', async () => {
    leave({ began: '1' });
    expect(await isFree()).toBe(true);
    leave({ boot: 'the one before' });
    expect(await isFree()).toBe(true);
    leave({});
    expect(await isFree()).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is not held by one that nobody has buried', async () => {
    // The shell becomes a program that does not ask for its child, which ends only then.
    const shell = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [text] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(String(text));
    const state = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] as string;
    const { began } = { ...ownProcess(), began: readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] };
    while (state() !== 'Z') await new Promise(setImmediate);
    leave({ pid, began: began as string });
    expect(await isFree()).toBe(true);
    shell.kill();
  });

  it('is held by a process of another machine as long as that gives signs of life', async () => {
    for (const elsewhere of [{ host: 'elsewhere' }, { numbering: 'a container' }]) {
      leave({ ...elsewhere, pid: 7 }, 9);
      await expect(lockRun(run)).rejects.toThrow(`${run}: process 7 on "`);
      leave({ ...elsewhere, pid: 7 }, 11);
      expect(await isFree()).toBe(true);
    }
  });

  it('sees a sign of life twice a minute, which changes nothing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const lock = await lockRun(run);
    const path = join(run, locks()[0] as string);
    const content = readFileSync(path, 'utf8');
    utimesSync(path, 1, 1);
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    await expect.poll(() => statSync(path).mtimeMs).toBeGreaterThan(1000);
    expect(readFileSync(path, 'utf8')).toBe(content);
    await lock.release();
  });

  it('is not held by files that are no locks', async () => {
    for (const content of ['', '{', 'null', '{"pid":-1}']) {
      writeFileSync(join(run, LOCK), content);
      expect(await isFree()).toBe(true);
    }
  });
});
