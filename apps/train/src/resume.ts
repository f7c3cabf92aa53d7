import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '@refusion/autodiff';
import { FileError, OptionError } from '@refusion/core';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpoints } from './checkpoints.js';
import { alphaOf, type GivenConfig, type TrainConfig } from './config.js';
import { checkedValues, completed, type Layer } from './configure.js';
import { CONFIG_FILE } from './run-folder.js';
import { version } from './version.js';

type Field = keyof TrainConfig;

/** What changes nothing about the weights. */
const HARMLESS: readonly Field[] = ['checkpointEvery', 'keep', 'cache', 'workers', 'recompute'];

/**
 * What may change and is told: a training may be longer, one that diverged may go on in smaller steps, and pictures may
 * have moved (that they are the same is checked).
 */
const CHANGEABLE: readonly Field[] = ['epochs', 'lr', 'outerLr', 'eta', 'data', 'a', 'b'];

/** The configuration of a training that may go on, and what is to be told of how it was found. */
export interface ResumedConfig {
  readonly config: TrainConfig;
  readonly notes: readonly string[];
}

/**
 * The configuration to go on with, where not everything needs to be given again: that of the newest checkpoint, over it
 * what may change from the run's `config.json`, over that what is given. Before the first checkpoint nothing is decided
 * yet, and what is given holds.
 * @throws OptionError if `config.json` is not the checkpoint's any more; `goingOn` tells whether what is given may be
 */
export async function resumedConfig(out: string, given: readonly Layer[]): Promise<ResumedConfig> {
  const found = await new Checkpoints(out).newest();
  const path = join(out, CONFIG_FILE);
  if (!found) {
    const run = await runLayer(path);
    return { config: completed(run ? [run, ...given] : given), notes: [] };
  }
  const label = (field: string): string => `${path}: ${field}`;
  const begun: Layer = { values: found.checkpoint.config, label };
  try {
    const run = (await runLayer(path)) ?? begun;
    expectUnchanged(path, found.checkpoint.config, completed([begun, run]), 'restore that');
    return { config: completed([begun, run, ...given]), notes: [] };
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    return { config: completed([begun, ...given]), notes: [`${path}: not JSON any more, made anew`] };
  }
}

/**
 * Whether a training may go on with this configuration.
 * @returns what has changed since the checkpoint was made, a line each
 * @throws OptionError naming everything that has changed, and may not
 */
export function goingOn(
  out: string,
  { config: before, maker, saved }: Checkpoint,
  now: TrainConfig,
): string[] {
  const changed = expectUnchanged(out, before, now, 'leave that out');
  const { epoch, phase, step } = saved.values.position;
  const begun = phase === 'meta' && step === 0 ? epoch : epoch + 1;
  if (now.epochs < begun) {
    throw new OptionError(
      `${out}: cannot go on with epochs ${now.epochs}, as ${begun} have begun; leave that out, or give more`,
    );
  }
  const told = changed.filter((field) => CHANGEABLE.includes(field));
  const notes = told.map((field) => `going on with ${words(field, before, now)}`);
  // The ramp is as long as the training, so the epochs that are done had another share of it.
  if (told.includes('epochs') && now.alphaF === 'ramp') {
    const [then, next] = [before, now].map((config) => alphaOf(config, epoch).toPrecision(3));
    const was = epoch < before.epochs ? `it was ${then}` : 'it had come to its end';
    notes.push(`alpha_f rises to 1 in epoch ${now.epochs} now: it goes on at ${next} (${was})`);
  }
  if (maker.version !== version) notes.push(`going on with version ${version} (it was ${maker.version})`);
  return notes;
}

/** @throws OptionError if the engine is not the one that the checkpoint's numbers come from */
export function expectSameEngine(out: string, { maker }: Checkpoint, { name }: Engine): void {
  if (name === maker.engine) return;
  throw new OptionError(
    `${out}: cannot go on with the engine ${name} (it was ${maker.engine}); give that, or begin another run`,
  );
}

/** The settings that have changed. @throws OptionError naming those that must not */
function expectUnchanged(where: string, before: TrainConfig, given: TrainConfig, advice: string): Field[] {
  // An engine that is left open is the one that it was.
  const now = { ...given, engine: given.engine ?? before.engine };
  const changed = (Object.keys(now) as Field[]).filter(
    (field) => !isDeepStrictEqual(now[field], before[field]),
  );
  const wrong = changed.filter((field) => ![...HARMLESS, ...CHANGEABLE].includes(field));
  if (wrong.length === 0) return changed;
  const list = wrong.map((field) => words(field, before, now)).join(', ');
  throw new OptionError(`${where}: cannot go on with ${list}; ${advice}, or begin another run`);
}

function words(field: Field, before: TrainConfig, now: TrainConfig): string {
  return `${field} ${JSON.stringify(now[field])} (it was ${JSON.stringify(before[field])})`;
}

class NotJsonError extends FileError {}

/** The settings that stand in a run's `config.json`; null if there is none. */
async function runLayer(path: string): Promise<Layer | null> {
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
    throw new NotJsonError(`${path}: not JSON any more, remove it or begin again with --overwrite`, {
      cause,
    });
  }
  return { values: checkedValues(values, label) as GivenConfig, label };
}
