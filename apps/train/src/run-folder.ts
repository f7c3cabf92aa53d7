import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import type { DamageError } from './checkpoint-file.js';
import { Checkpoints, removeLeftovers } from './checkpoints.js';
import type { TrainConfig } from './config.js';
import { WEIGHT_FILES } from './weights.js';

/** The files of a run beside its weights. */
export const CONFIG_FILE = 'config.json';
export const LOG_FILE = 'log.jsonl';

/**
 * Makes a run folder ready for a new training. What an earlier training left there is removed, and must not be taken for this one's.
 * @throws FileError if it cannot be written, or already holds a training that nobody said to replace
 */
export async function prepareNewRun(path: string, overwrite: boolean): Promise<void> {
  const checkpoints = new Checkpoints(path);
  if (!overwrite && (await checkpoints.list()).length > 0) {
    throw new FileError(
      `${path}: already holds a training, go on with --resume, choose another folder or say --overwrite`,
    );
  }
  if (!overwrite && (await exists(join(path, WEIGHT_FILES.fusion)))) {
    throw new FileError(
      `${path}: already holds trained weights, and no checkpoint to go on from; choose another folder or say --overwrite`,
    );
  }
  await checkpoints.clear();
  for (const file of Object.values(WEIGHT_FILES)) await rm(join(path, file), { force: true });
}

/** Makes what is missing in a run folder, sets damaged checkpoints aside, and writes the configuration. */
export async function prepareRun(
  path: string,
  config: TrainConfig,
  damaged: readonly DamageError[],
): Promise<void> {
  await removeLeftovers(path);
  const checkpoints = new Checkpoints(path);
  await checkpoints.prepare();
  await checkpoints.setAside(damaged);
  await writeFileAtomic(join(path, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
