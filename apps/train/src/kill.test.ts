import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Rng, rng } from '@refusion/core';
import { afterAll, expect, it } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-kill-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const BIN = fileURLToPath(new URL('bin.ts', import.meta.url));
// 60 updates: 3 epochs of 8 meta-steps and 12 fusion updates.
const TRAINING =
  '--data synthetic --task mfif --scenes 2 --dim 4 --blocks 1 --heads 2 --crop 8 --batch 1 --epochs 3 --meta-steps 8 --fusion-steps 12 --accumulate 3 --outer adam --checkpoint-every 2 --view-every 0 --quiet';

/** Where in the writing of a checkpoint a program dies. */
const STAGES = ['half written', 'before it is flushed', 'before it takes its name', 'after it took its name'];

/** A module that is loaded before the program, and kills it in the middle of its so-manieth checkpoint. */
function killer(nth: number, stage: string): string {
  return `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { openSync, writeFileSync, fsyncSync, renameSync } = fs;
    let [seen, file] = [0, null];
    const dieAt = (stage) => {
      if (file !== null && stage === ${JSON.stringify(stage)}) process.kill(process.pid, 'SIGKILL');
    };
    fs.openSync = (path, ...rest) => {
      const opened = openSync(path, ...rest);
      const checkpoint = String(path).includes('checkpoints') && String(path).endsWith('.tmp');
      if (checkpoint && ++seen === ${nth}) file = opened;
      return opened;
    };
    fs.writeFileSync = (to, bytes, ...rest) => {
      if (to === file) {
        writeFileSync(to, bytes.subarray(0, bytes.length / 2));
        dieAt('half written');
        bytes = bytes.subarray(bytes.length / 2);
      }
      return writeFileSync(to, bytes, ...rest);
    };
    fs.fsyncSync = (to) => {
      dieAt('before it is flushed');
      return fsyncSync(to);
    };
    fs.renameSync = (from, to) => {
      dieAt('before it takes its name');
      renameSync(from, to);
      dieAt('after it took its name');
    };
    syncBuiltinESMExports();`;
}

/** Starts the trainer in a process of its own, to go on wherever it can. */
function start(out: string, preload: string | null = null) {
  const imports = preload === null ? [] : [`--import=data:text/javascript,${encodeURIComponent(preload)}`];
  const args = ['--conditions=@refusion/source', '--import=tsx', ...imports, BIN, ...TRAINING.split(' ')];
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

/** Lets a training go on for a random while, counted in changes of its log, and kills it. */
async function killAnywhere(out: string, random: Rng): Promise<string> {
  const { child, ended } = start(out);
  const changes = 1 + random.integer(6);
  let size = logSize(out);
  for (let seen = 0; seen < changes && child.exitCode === null; await pause(1)) {
    const now = logSize(out);
    if (now !== size) seen++;
    size = now;
  }
  await pause(random.integer(30));
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  return `after ${changes} changes of the log`;
}

/** Lets a training go on to the middle of a random checkpoint of its next ones. */
async function killInCheckpoint(out: string, random: Rng, stage: string): Promise<string> {
  const nth = 1 + random.integer(3);
  const { ended } = start(out, killer(nth, stage));
  expect((await ended).signal).toBe('SIGKILL');
  const leftovers = readdirSync(join(out, 'checkpoints')).filter((name) => name.endsWith('.tmp'));
  expect(leftovers).toHaveLength(stage === 'after it took its name' ? 0 : 1);
  return `checkpoint ${nth} of this life, ${stage}`;
}

/** Everything that a training leaves, but for the times in its log. */
function left(out: string): Record<string, string> {
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes('checkpoints'))
      .map((path) => {
        const bytes = readFileSync(path);
        const isLog = path.endsWith('.jsonl');
        const content = isLog
          ? String(bytes).replaceAll(/"(seconds|memory)":[\d.]+/g, '')
          : createHash('sha256').update(bytes).digest('hex');
        return [path.slice(out.length + 1), content];
      })
      .sort(([p = ''], [q = '']) => (p < q ? -1 : 1)),
  );
}

// Windows has no SIGKILL.
it.runIf(process.platform !== 'win32')(
  'a training of 60 updates, killed 10 times and resumed each time, ends in the same bytes',
  async () => {
    const [whole, killed] = [join(scratch, 'whole'), join(scratch, 'killed')];
    expect(await start(whole).ended).toMatchObject({ status: 0, stderr: '' });
    const random = rng(20);
    const deaths: string[] = [];
    for (let life = 0; life < 10; life++) {
      const stage = STAGES[(life >> 1) % STAGES.length] as string;
      deaths.push(
        await (life % 2 === 0 ? killAnywhere(killed, random) : killInCheckpoint(killed, random, stage)),
      );
    }
    const last = await start(killed).ended;
    expect(last, deaths.join('; ')).toMatchObject({ status: 0 });
    expect(last.stderr).toMatch(/^going on after update \d+ of 60\n$/);
    expect(left(killed), deaths.join('; ')).toEqual(left(whole));
    expect(Object.keys(left(whole)).filter((name) => name.endsWith('.safetensors'))).toHaveLength(3);
  },
  240_000,
);
