import { join } from 'node:path';
import type { Engine, Tensor } from '@refusion/autodiff';
import type { NdArray, Params } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import type { Theta } from '@refusion/meta';
import { writeSafetensors } from '@refusion/networks/node';
import type { TrainConfig } from './config.js';

/** The weight files of a run, by the network's place in theta. */
export const WEIGHT_FILES = {
  fusion: 'fusion.safetensors',
  proposal: 'proposal.safetensors',
  objective: 'reconstruction.safetensors',
} as const;

/** Writes the weight files of a run after so many epochs, each in one step. */
export async function saveWeights(
  path: string,
  config: TrainConfig,
  engine: Engine,
  theta: Theta,
  epochs: number,
): Promise<void> {
  for (const [role, file] of Object.entries(WEIGHT_FILES) as [keyof typeof WEIGHT_FILES, string][]) {
    // A fixed loss teaches P nothing.
    if (role === 'proposal' && FUSION_LOSSES[config.loss].uses.length === 0) continue;
    const metadata = {
      format: 'refusion',
      network: role === 'objective' ? 'reconstruction' : role,
      task: config.task,
      epochs: String(epochs),
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
