import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bench } from '../test-bench.js';
import { Journal, journalKey, type Scored } from './journal.js';

const { NaN: nan, NEGATIVE_INFINITY: infinity } = Number;

let folder: string;
let path: string;
let scored: Scored;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-journal-'));
  path = join(folder, 'scores.jsonl');
  const files = ['a', 'b', 'f'].map((name) => join(folder, name)) as [string, string, string];
  for (const file of files) await writeFile(file, 'picture');
  scored = { pair: { stem: 'x', a: files[0], b: files[1] }, fused: files[2], convention: 'evaluator' };
});
afterEach(() => rm(folder, { recursive: true }));

/** Opens the journal, does something, and closes it. */
async function opened<V>(work: (journal: Journal) => V | Promise<V>): Promise<V> {
  const journal = await Journal.open(path);
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

describe('a journal', () => {
  it('knows again what it was told, every digit, NaN and infinities too', async () => {
    await opened(async (journal) => {
      await journal.add('p', ['EN', 'SCD'], [0.1 + 0.2, nan]);
      await Promise.all([1, 2, 3].map((n) => journal.add(`q${n}`, ['EN'], [infinity])));
    });
    await opened((journal) => {
      expect(journal.find('p', ['SCD', 'EN'])).toEqual([nan, 0.1 + 0.2]);
      expect(journal.find('q2', ['EN'])).toEqual([infinity]);
      // Not all that is asked for, and nothing.
      expect(journal.find('p', ['EN', 'SD'])).toBeNull();
      expect(journal.find('r', ['EN'])).toBeNull();
    });
  });

  it('knows the metrics that were asked for at several times', async () => {
    await opened((journal) => journal.add('p', ['EN'], [1]));
    await opened((journal) => journal.add('p', ['SD'], [2]));
    await opened((journal) => {
      expect(journal.find('p', ['EN', 'SD'])).toEqual([1, 2]);
    });
  });

  it('drops a last line that was not written to its end, and goes on', async () => {
    await opened(async (journal) => {
      await journal.add('p', ['EN'], [1]);
      await journal.add('q', ['EN'], [2]);
    });
    const whole = await readFile(path, 'utf8');
    await truncate(path, whole.length - 7);
    await opened(async (journal) => {
      expect([journal.find('p', ['EN']), journal.find('q', ['EN'])]).toEqual([[1], null]);
      await journal.add('q', ['EN'], [2]);
    });
    expect(await readFile(path, 'utf8')).toBe(whole);
  });

  it('starts anew where its first line was broken off', async () => {
    await opened(() => undefined);
    const header = await readFile(path, 'utf8');
    await truncate(path, 9);
    await opened(() => undefined);
    expect(await readFile(path, 'utf8')).toBe(header);
  });

  it('passes over a damaged line', async () => {
    await opened((journal) => journal.add('p', ['EN'], [1]));
    await appendFile(path, '{"key":"q","scor\nnull\n');
    await opened((journal) => journal.add('r', ['EN'], [3]));
    await opened((journal) => {
      expect(['p', 'q', 'r'].map((key) => journal.find(key, ['EN']))).toEqual([[1], null, [3]]);
    });
  });

  it('leaves another file as it is', async () => {
    await writeFile(path, 'my thesis');
    await expect(Journal.open(path)).rejects.toThrow(FileError);
    await expect(Journal.open(path)).rejects.toThrow(
      'is not a journal of bench metrics and is left as it is',
    );
    expect(await readFile(path, 'utf8')).toBe('my thesis');
    await expect(Journal.open(folder)).rejects.toThrow('cannot be written: it is a folder');
  });
});

describe('the key of a score', () => {
  it('changes with the definitions and with each file', async () => {
    const keys = [await journalKey(scored), await journalKey({ ...scored, convention: 'matlab' })];
    for (const file of [scored.pair.a, scored.pair.b, scored.fused]) {
      await appendFile(file, '!');
      keys.push(await journalKey(scored));
      await utimes(file, 1, 2);
      keys.push(await journalKey(scored));
    }
    keys.push(await journalKey({ ...scored, pair: { ...scored.pair, truth: scored.pair.a } }));
    expect(new Set(keys).size).toBe(keys.length);
    expect(await journalKey(scored)).toBe(keys.at(-2));
  });
});

describe('bench metrics --resume', () => {
  const image = (stem: string, shift: number) =>
    picture(
      Uint8Array.from({ length: 256 }, (_, i) => (i * (stem.charCodeAt(0) - 90) + shift * (i % 7)) % 256),
      [16, 16],
    );
  const metrics = (...args: string[]) =>
    bench(
      'metrics',
      ...['a', 'b'].flatMap((kind) => [`--${kind}`, join(folder, `${kind}s`)]),
      ...['--fused', `ours=${join(folder, 'fs')}`, '--format', 'json', '--quiet', ...args],
    );
  beforeEach(async () => {
    for (const [shift, kind] of ['as', 'bs', 'fs'].entries()) {
      await mkdir(join(folder, kind));
      for (const stem of ['p', 'q', 'r', 's']) {
        await writePng(join(folder, kind, `${stem}.png`), image(stem, shift));
      }
    }
  });

  it('gives the bytes of a run that was not broken off', async () => {
    const { stdout } = await metrics();
    expect((await metrics('--resume', path)).stdout).toBe(stdout);
    // As if it had been killed while it wrote its third line of scores.
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 20)}`);
    expect((await metrics('--resume', path)).stdout).toBe(stdout);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(lines.length);
  });

  it('takes scores from the journal, but for files that changed', async () => {
    await metrics('--resume', path);
    const scores = (text: string): number[] => JSON.parse(text).dataSets[0].methods[0].scores.EN;
    const original = scores((await metrics()).stdout);
    // Marks what comes from the journal.
    const marked = (await readFile(path, 'utf8')).replace(/"EN":[\d.]+/g, '"EN":-1');
    await writeFile(path, marked);
    expect(scores((await metrics('--resume', path)).stdout)).toEqual([-1, -1, -1, -1]);
    await utimes(join(folder, 'bs', 'q.png'), 1, 2);
    await writePng(join(folder, 'fs', 'r.png'), image('z', 3));
    const [p, q, r, s] = scores((await metrics('--resume', path)).stdout);
    expect([p, q, s]).toEqual([-1, original[1], -1]);
    expect(r).not.toBe(-1);
  });
});
