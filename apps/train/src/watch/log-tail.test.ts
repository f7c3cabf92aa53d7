import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LogTail } from './log-tail.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-tail-'));
const path = join(scratch, 'log.jsonl');
afterAll(() => rmSync(scratch, { recursive: true }));

let lines: string[] = [];
let tail: LogTail;
beforeEach(() => {
  rmSync(path, { force: true });
  lines = [];
  tail = new LogTail(path, {
    reset: () => {
      lines = [];
    },
    line: (text) => lines.push(text),
  });
});

describe('LogTail', () => {
  it('reads what is appended, and a half-written line when it is whole', async () => {
    expect(await tail.poll()).toBe(false);
    writeFileSync(path, 'one\ntw');
    expect(await tail.poll()).toBe(true);
    expect(lines).toEqual(['one']);
    expect(await tail.poll()).toBe(false);
    appendFileSync(path, 'o\nthree\n');
    await tail.poll();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('begins again when the log was cut, even if it has grown past that place since', async () => {
    writeFileSync(path, 'one\ntwo\nthree\n');
    await tail.poll();
    truncateSync(path, 4);
    appendFileSync(path, 'zwei\ndrei\nvier\n');
    await tail.poll();
    expect(lines).toEqual(['one', 'zwei', 'drei', 'vier']);
    truncateSync(path, 4);
    expect(await tail.poll()).toBe(true);
    expect(lines).toEqual(['one']);
    truncateSync(path, 0);
    expect(await tail.poll()).toBe(true);
    expect(lines).toEqual([]);
  });

  it('begins again with another file of the name, and forgets a file that is gone', async () => {
    writeFileSync(path, 'one\n');
    await tail.poll();
    writeFileSync(`${path}.new`, 'uno\ndue\n');
    renameSync(`${path}.new`, path);
    await tail.poll();
    expect(lines).toEqual(['uno', 'due']);
    rmSync(path);
    expect(await tail.poll()).toBe(true);
    expect(lines).toEqual([]);
  });

  it('reads logs larger than its buffer, whole characters included, and passes over endless lines', async () => {
    const long = Array.from({ length: 30_000 }, (_, i) => `${i} ${'ü'.repeat(40)}`);
    writeFileSync(path, `${long.join('\n')}\n${'x'.repeat(3 << 20)}\nlast\n`);
    await tail.poll();
    expect(lines.slice(0, long.length)).toEqual(long);
    expect(lines.at(-1)).toBe('last');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1 << 20);
  });
});
