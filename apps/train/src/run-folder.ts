import { type FileHandle, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Tensor } from '@refusion/autodiff';
import { prepareOutputFolder } from '@refusion/cli';
import { FileError, type NdArray, type Params } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import type { Theta, TrainingEvent } from '@refusion/meta';
import { writeSafetensors } from '@refusion/networks/node';
import type { TrainConfig } from './config.js';

/** The weight files of a run, by the network's place in theta. */
export const WEIGHT_FILES = {
  fusion: 'fusion.safetensors',
  proposal: 'proposal.safetensors',
  objective: 'reconstruction.safetensors',
} as const;

/** What stands beside an event in the log. */
export interface LogExtras {
  /** Since the training began. */
  readonly seconds: number;
  /** Tensors alive on the engine. */
  readonly tensors: number;
}

/** A folder that a training writes to. */
export interface RunFolder {
  log(event: TrainingEvent, extras: LogExtras): Promise<void>;
  saveWeights(engine: Engine, theta: Theta, epoch: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes the folder, writes `config.json` and opens `log.jsonl`.
 * @throws FileError if it cannot be written, or already holds trained weights that nobody said to replace
 */
export async function openRunFolder(
  path: string,
  config: TrainConfig,
  overwrite: boolean,
): Promise<RunFolder> {
  if (!overwrite && (await exists(join(path, WEIGHT_FILES.fusion)))) {
    throw new FileError(`${path}: already holds trained weights, choose another folder or say --overwrite`);
  }
  await prepareOutputFolder(path);
  // What a failed training leaves must not be taken for the weights of this configuration.
  for (const file of Object.values(WEIGHT_FILES)) await rm(join(path, file), { force: true });
  await writeFile(join(path, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const log = await open(join(path, 'log.jsonl'), 'w');
  return {
    log: (event, extras) => appendEvent(log, event, extras),
    saveWeights: (engine, theta, epoch) => saveWeights(path, config, engine, theta, epoch),
    close: () => log.close(),
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** One line an update; epochs and steps counted from 1, as people do. */
async function appendEvent(log: FileHandle, event: TrainingEvent, extras: LogExtras): Promise<void> {
  if (event.type === 'epoch-end') return;
  const { state: _state, epoch, step, ...rest } = event;
  await log.write(`${JSON.stringify({ ...rest, epoch: epoch + 1, step: step + 1, ...extras })}\n`);
}

async function saveWeights(
  path: string,
  config: TrainConfig,
  engine: Engine,
  theta: Theta,
  epoch: number,
): Promise<void> {
  for (const [role, file] of Object.entries(WEIGHT_FILES) as [keyof typeof WEIGHT_FILES, string][]) {
    // A fixed loss teaches P nothing.
    if (role === 'proposal' && FUSION_LOSSES[config.loss].uses.length === 0) continue;
    const metadata = {
      format: 'refusion',
      network: role === 'objective' ? 'reconstruction' : role,
      task: config.task,
      epochs: String(epoch + 1),
      seed: String(config.seed),
    };
    await writeSafetensors(join(path, file), await downloaded(engine, theta[role]), metadata);
  }
}

async function downloaded(
  engine: Engine,
  params: Params<Tensor>,
): Promise<Record<string, NdArray<Float32Array>>> {
  const entries = await Promise.all(
    Object.entries(params).map(async ([name, x]) => {
      const data = Float32Array.from(await engine.read(x));
      return [name, { data, shape: x.shape }] as const;
    }),
  );
  return Object.fromEntries(entries);
}
