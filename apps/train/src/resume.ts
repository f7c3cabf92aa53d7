import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, OptionError } from '@refusion/core';
import { Checkpoints } from './checkpoints.js';
import type { GivenConfig, TrainConfig } from './config.js';
import { checkedValues, completed, type Layer, merged } from './configure.js';
import { CONFIG_FILE } from './run-folder.js';

/** What changes nothing about the weights. */
const HARMLESS: readonly (keyof TrainConfig)[] = ['checkpointEvery', 'keep', 'cache', 'workers'];

/**
 * What may change and is told: a training may be longer, one that diverged may go on in smaller steps, and pictures may
 * have moved (that they are the same is checked).
 */
const CHANGEABLE: readonly (keyof TrainConfig)[] = ['epochs', 'lr', 'outerLr', 'eta', 'data', 'a', 'b'];

/** The configuration of a training that may go on, and what of it has changed since it began, a line each. */
export interface ResumedConfig {
  readonly config: TrainConfig;
  readonly changes: readonly string[];
}

/**
 * The configuration to go on with: that of the run, which needs not be given again. Before the first checkpoint
 * nothing is decided yet, and what is given holds.
 * @throws OptionError naming every setting that is given otherwise than the run has it, and may not be
 */
export async function resumedConfig(out: string, given: readonly Layer[]): Promise<ResumedConfig> {
  const run = await runLayer(out);
  const begun = (await new Checkpoints(out).list()).length > 0;
  if (!run || !begun) return { config: completed(run ? [run, ...given] : given), changes: [] };
  const before = completed([run]);
  const now = merged(given.map(({ values }) => values));
  const wanted = { ...now, ...(now.network ? { network: { ...before.network, ...now.network } } : {}) };
  const differing = (Object.keys(wanted) as (keyof TrainConfig)[]).filter(
    (field) => JSON.stringify(wanted[field]) !== JSON.stringify(before[field]),
  );
  const words = (field: keyof TrainConfig): string =>
    `${field} ${JSON.stringify(wanted[field])} (it was ${JSON.stringify(before[field])})`;
  const wrong = differing.filter((field) => ![...HARMLESS, ...CHANGEABLE].includes(field));
  if (wrong.length > 0) {
    throw new OptionError(
      `${out}: cannot go on with ${wrong.map(words).join(', ')}; leave that out, or begin another run`,
    );
  }
  const told = differing.filter((field) => CHANGEABLE.includes(field));
  return {
    config: completed([run, ...given]),
    changes: told.map((field) => `going on with ${words(field)}`),
  };
}

/** The settings that a run was begun with; null if there is none. */
async function runLayer(out: string): Promise<Layer | null> {
  const path = join(out, CONFIG_FILE);
  const label = (field: string): string => `${path}: ${field}`;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new FileError(`${path}: cannot be read (${error.message})`, { cause: error });
  });
  if (text === null) return null;
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new FileError(`${path}: not JSON any more, restore it or begin again with --overwrite`, { cause });
  }
  return { values: checkedValues(values, label) as GivenConfig, label };
}
