import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadEngines } from './load-engines.js';
import { readGoldenFile } from './read-golden-file.js';
import { verify } from './verify.js';

const path = fileURLToPath(
  new URL('../../../../../shared/golden/meta-step-full.safetensors', import.meta.url),
);

const { engines } = await loadEngines('all');

describe.runIf(existsSync(path))('a golden file of full-size networks (skipped where there is none)', () => {
  // The slowest engine takes half a minute on an idle machine.
  it.each(engines)('is met by the engine $name', { timeout: 600_000 }, async (engine) => {
    const { groups, notRecomputed, ok } = await verify(engine, await readGoldenFile(path));
    expect(groups.filter((group) => !group.ok)).toEqual([]);
    expect(notRecomputed).toEqual([]);
    expect(ok).toBe(true);
  });
});
