import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));

it.each(readdirSync(folder))('examples/%s runs and prints', async (file) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(`${folder}${file}`);
  const lines = log.mock.calls.map(([line]) => String(line));
  vi.restoreAllMocks();
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toMatch(/NaN|undefined/);
});
