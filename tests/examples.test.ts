import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));

/** The two numbers of every "x -> y". */
const changes = (text: string) =>
  [...text.matchAll(/([\d.]+) -> ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

/** What an example claims, beyond running. */
const PROOFS: { readonly [file: string]: (text: string) => void } = {
  'swapped-loss.ts': (text) => {
    expect(changes(text).length).toBe(3);
    for (const [first = 0, last] of changes(text)) expect(last).toBeLessThan(0.9 * first);
  },
  'task-driven.ts': (text) => {
    const [first = 0, last] = changes(text)[0] ?? [];
    expect(last).toBeLessThan(0.9 * first);
    const [average = 0, driven] = [...text.matchAll(/person ([\d.]+)/g)].map((match) => Number(match[1]));
    expect(driven).toBeGreaterThan(1.5 * average);
  },
};

it.each(readdirSync(folder))(
  'examples/%s runs and prints',
  async (file) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import(`${folder}${file}`);
    const lines = log.mock.calls.map(([line]) => String(line));
    vi.restoreAllMocks();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toMatch(/NaN|undefined/);
    PROOFS[file]?.(lines.join('\n'));
  },
  300_000,
);
