import type { ENGINE_CHOICES } from '../engine-names.js';
import { toJson } from '../json.js';
import type { ExitCode, Streams } from '../streams.js';

import type { GoldenFile } from './golden-file.js';
import { loadEngines } from './load-engines.js';
import { readGoldenFile } from './read-golden-file.js';
import { availabilityText, verdictText } from './report.js';
import { shippedFile } from './shipped-file.js';
import { type Verdict, verify } from './verify.js';

export interface VerifyOptions {
  readonly engine: (typeof ENGINE_CHOICES)[number];
  readonly json?: boolean;
}

/**
 * `bench verify`: recomputes golden files, the one that comes with the program if none is given, and compares.
 * @returns 1 if an engine is further from a file than it may be
 * @throws RefusionError if a file cannot be used, before any is recomputed
 */
export async function runVerify(
  paths: readonly string[],
  { engine: choice, json = false }: VerifyOptions,
  { stdout }: Streams,
): Promise<ExitCode> {
  const files: GoldenFile[] = [];
  for (const path of paths.length > 0 ? paths : [shippedFile()]) files.push(await readGoldenFile(path));
  const { engines, availability } = await loadEngines(choice);
  if (!json) stdout.write(availabilityText(availability));
  const verdicts: Verdict[] = [];
  try {
    for (const file of files) {
      for (const engine of engines) {
        const verdict = await verify(engine, file);
        verdicts.push(verdict);
        if (!json) stdout.write(verdictText(verdict));
      }
    }
  } finally {
    for (const engine of engines) await engine.close?.();
  }
  if (json) stdout.write(toJson({ engines: availability, verdicts }, 2));
  return verdicts.every(({ ok }) => ok) ? 0 : 1;
}
