import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RefusionError } from '@refusion/core';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compile.js';
import { Pool } from './pool.js';
import { type Job, type Lane, Sessions } from './sessions.js';
import { WorkerThread } from './worker-thread.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-pool-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A job for a model that adds a number. */
function job(id: string, keep: readonly string[], addend = 1): Job {
  const bytes = compile((ops, { x }) => ({ y: ops.add(x as NonNullable<typeof x>, addend) }), {
    inputs: { x: { shape: [2] } },
  });
  const model = { id, name: id, bytes, threads: 1, optimise: false, blocked: false };
  return { model, keep, inputs: { x: { data: Float32Array.of(1, 2), shape: [2] } } };
}

const spoilt = (good: Job): Job => ({ ...good, inputs: {} });

async function sum(lane: Lane, what: Job): Promise<number[]> {
  return [...((await lane.run(what))['y']?.data ?? [])];
}

describe('the sessions of a thread', () => {
  it('are opened once, and closed when their model is not needed any more', async () => {
    const sessions = new Sessions();
    expect(await sum(sessions, job('a', ['a']))).toEqual([2, 3]);
    expect(await sum(sessions, job('b', ['a', 'b'], 5))).toEqual([6, 7]);
    expect(await sum(sessions, job('a', ['a', 'b']))).toEqual([2, 3]);
    expect(sessions.count).toBe(2);
    await sessions.run(job('c', ['c']));
    expect(sessions.count).toBe(1);
    await sessions.close();
    expect(sessions.count).toBe(0);
  });

  it('go on after a job that fails', async () => {
    const sessions = new Sessions();
    const failing = sessions.run(spoilt(job('a', ['a'])));
    const next = sum(sessions, job('a', ['a']));
    await expect(failing).rejects.toThrow('a: the input "x" is missing');
    expect(await next).toEqual([2, 3]);
    await sessions.close();
  });

  it('do not keep a model that the runtime refuses', async () => {
    const sessions = new Sessions();
    const broken = { ...job('a', ['a']), model: { ...job('a', []).model, bytes: new Uint8Array(3) } };
    await expect(sessions.run(broken)).rejects.toThrow('a: not an intact ONNX model');
    expect(sessions.count).toBe(0);
    await sessions.close();
  });
});

describe('a pool', () => {
  it('does jobs on threads, and hands their errors on as they are', async () => {
    const pool = new Pool(2, () => new WorkerThread());
    const jobs = [1, 2, 3, 4, 5].map((addend) => job(`${addend}`, ['1', '2', '3', '4', '5'], addend));
    expect(await Promise.all(jobs.map((each) => sum(pool, each)))).toEqual(
      [1, 2, 3, 4, 5].map((addend) => [1 + addend, 2 + addend]),
    );
    await expect(pool.run(spoilt(jobs[0] as Job))).rejects.toThrow(
      new RefusionError('1: the input "x" is missing'),
    );
    await pool.close();
  });

  it('has no more lanes than jobs at a time', async () => {
    const pool = new Pool(1e9, () => Object.assign(new Sessions(), { ended: false }));
    await Promise.all([sum(pool, job('a', ['a'])), sum(pool, job('b', ['b']))]);
    await sum(pool, job('c', ['c']));
    expect(pool.size).toBe(2);
    await pool.close();
  });

  it('does not wait for a thread that has ended while it had nothing to do', async () => {
    const made: { ended: boolean }[] = [];
    const pool = new Pool(1, () => {
      const lane = Object.assign(new Sessions(), { ended: false });
      made.push(lane);
      return lane;
    });
    await sum(pool, job('a', ['a']));
    Object.assign(made[0] as object, { ended: true });
    expect(await sum(pool, job('a', ['a']))).toEqual([2, 3]);
    expect([made.length, pool.size]).toEqual([2, 1]);
    await pool.close();
  });

  it.each([
    ['ends', 'process.exit(3)', 'exit code 3'],
    ['throws', 'throw new Error("no\\nmore")', 'no'],
  ])('says in a sentence that a thread %s', async (_how, statement, reason) => {
    const program = join(scratch, `${statement.length}.mjs`);
    writeFileSync(
      program,
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { ${statement} });`,
    );
    const threads = [new WorkerThread({ url: pathToFileURL(program) }), new WorkerThread()];
    const pool = new Pool(1, () => threads.shift() as WorkerThread);
    const error = new RefusionError(
      `onnx: a worker thread has ended (${reason}); take fewer workers, each needs memory, and 1 needs no thread`,
    );
    const [during, waiting] = [1, 1].map(() => sum(pool, job('a', ['a'])));
    await expect(during).rejects.toThrow(error);
    // Another thread takes its place.
    expect(await waiting).toEqual([2, 3]);
    expect(pool.size).toBe(1);
    await pool.close();
  });
});
