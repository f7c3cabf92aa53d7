import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Rng, rng } from '@refusion/core';
import { afterAll, describe, expect, it } from 'vitest';
import { KILL_POINTS, type KillPoint, killerAt } from './kill-points.js';
import { LEFT_OUT, LOADING } from './tested-engines.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-kill-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const BIN = fileURLToPath(new URL('bin.ts', import.meta.url));
const TINY =
  '--data synthetic --task mfif --scenes 2 --dim 2 --blocks 1 --heads 1 --crop 8 --batch 1 --accumulate 3 --outer adam --checkpoint-every 2 --quiet';
// 60 updates: 3 epochs of 8 meta-steps and 12 fusion updates.
const LONG = `${TINY} --epochs 3 --meta-steps 8 --fusion-steps 12 --view-every 10 --engine wasm`;
const SHORT = `${TINY} --epochs 1 --meta-steps 3 --fusion-steps 3 --view-every 0`;

/** Starts the trainer in a process of its own, to go on wherever it can; it dies where a killer says. */
function start(training: string, out: string, killer: string | null = null) {
  const imports = killer === null ? [] : [`--import=data:text/javascript,${encodeURIComponent(killer)}`];
  const args = ['--conditions=@refusion/source', '--import=tsx', ...imports, BIN, ...training.split(' ')];
  const child = spawn(process.execPath, [...args, '--out', out, '--resume'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stderr }));
  return { child, ended };
}

function logSize(out: string): number {
  return statSync(join(out, 'log.jsonl'), { throwIfNoEntry: false })?.size ?? 0;
}

/** Not so far that another death would find the training over. */
const LATEST = killerAt({ what: 'a line of the log', operation: 'write', path: 'log', when: 'after' }, 6);

/** Lets a training go on for a random while, counted in changes of its log, and kills it. */
async function killAnywhere(out: string, random: Rng): Promise<string> {
  const { child, ended } = start(LONG, out, LATEST);
  const changes = 1 + random.integer(4);
  let size = logSize(out);
  for (let seen = 0; seen < changes && child.signalCode === null; await pause(1)) {
    const now = logSize(out);
    if (now !== size) seen++;
    size = now;
  }
  await pause(random.integer(30));
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  return `after ${changes} changes of the log`;
}

/** Lets a training go on to such a moment of the writing of its files. */
async function killAt(training: string, out: string, point: KillPoint, nth: number): Promise<string> {
  const { ended } = start(training, out, killerAt(point, nth));
  const { signal, stderr } = await ended;
  expect([point.what, signal, stderr]).toEqual([point.what, 'SIGKILL', expect.anything()]);
  return `${point.what} (${nth})`;
}

/** Everything that a training leaves, but for the times in its log and in the checkpoints' knowledge of it. */
function left(out: string): Record<string, string> {
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(out.length + 1), contentOf(path)] as const;
  });
  return Object.fromEntries(contents.sort(([p], [q]) => (p < q ? -1 : 1)));
}

function contentOf(path: string): string {
  if (path.includes('checkpoints')) return 'a checkpoint';
  const bytes = readFileSync(path);
  if (path.endsWith('.jsonl')) return String(bytes).replaceAll(/"(seconds|memory)":[\d.]+/g, '');
  return createHash('sha256').update(bytes).digest('hex');
}

/** Lets a training go on to its end, and compares what it leaves with what one leaves that was never killed. */
async function endsAs(whole: string, training: string, killed: string, deaths: readonly string[]) {
  const { status, stderr } = await start(training, killed).ended;
  expect([status, stderr], deaths.join('; ')).toEqual([
    0,
    expect.stringMatching(/^going on after update \d+ of \d+\n$/),
  ]);
  expect(left(killed), deaths.join('; ')).toEqual(left(whole));
  const weights = Object.keys(left(whole)).filter((name) => /^[a-z]+\.safetensors$/.test(name));
  expect(weights).toEqual(['fusion.safetensors', 'proposal.safetensors', 'reconstruction.safetensors']);
}

// Windows has no SIGKILL.
describe.runIf(process.platform !== 'win32')('a training that is killed and resumed', () => {
  it('at any moment, and in the writing of each of its files, ends in the same bytes', async () => {
    const [whole, killed] = [join(scratch, 'whole'), join(scratch, 'killed')];
    expect(await start(LONG, whole).ended).toMatchObject({ status: 0, stderr: '' });
    const random = rng(20);
    const deaths: string[] = [];
    for (const [i, point] of KILL_POINTS.entries()) {
      const nth = point.path.includes('checkpoints') ? 1 + random.integer(2) : 1;
      deaths.push(await killAt(LONG, killed, point, nth));
      if (i % 4 === 3) deaths.push(await killAnywhere(killed, random));
    }
    await endsAs(whole, LONG, killed, deaths);
  }, 600_000);

  // The machinery is the same for every engine; what differs is whether the same step gives the same bits again.
  it.each(['onnx', ...LOADING.filter((name) => name !== 'wasm')])(
    'on the engine %s too',
    async (name) => {
      const training = `${SHORT} --engine ${name}`;
      const [whole, killed] = [join(scratch, `${name}-whole`), join(scratch, `${name}-killed`)];
      expect(await start(training, whole).ended).toMatchObject({ status: 0 });
      const point = KILL_POINTS.find(({ what }) => what.endsWith('before it takes its name'));
      const death = await killAt(training, killed, point ?? expect.unreachable(), 2);
      await endsAs(whole, training, killed, [death]);
    },
    300_000,
  );

  for (const { name, reason } of LEFT_OUT)
    it.runIf(false)(`on the engine ${name} (skipped: ${reason})`, () => {});
});
