import { OptionError } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import { type OuterUpdate, trainingSettings } from '@refusion/meta';
import { type NetworkConfig, networkConfig } from '@refusion/networks';
import type { EngineName } from '@refusion/tf';

/** The tasks of image fusion, and what their sources a and b are. */
export const TASKS = {
  ivif: 'infrared and visible',
  mif: 'two medical modalities',
  mfif: 'near and far focus',
  meif: 'under- and over-exposed',
} as const;
export type Task = keyof typeof TASKS;

export type LossName = keyof typeof FUSION_LOSSES;
export const LOSS_NAMES = Object.keys(FUSION_LOSSES) as LossName[];

/** Everything that a training depends on; written to `config.json` as it is. */
export interface TrainConfig {
  /** A folder with two folders of pictures, or `synthetic`. */
  readonly data: string;
  /** The folders of the sources, below `data`; unused for synthetic scenes. */
  readonly a: string | null;
  readonly b: string | null;
  readonly task: Task;
  readonly engine: EngineName;
  readonly seed: number;
  /** Synthetic scenes to draw. */
  readonly scenes: number;
  readonly epochs: number;
  /** Null: as many as go once through the meta-train half, at most 600; none for a fixed loss. */
  readonly metaSteps: number | null;
  /** Null: as many as go once through all pairs. */
  readonly fusionSteps: number | null;
  readonly innerSteps: number;
  readonly accumulate: number;
  readonly batch: number;
  readonly crop: number;
  /** Every pair also with its sources exchanged. */
  readonly exchange: boolean;
  readonly lr: number;
  /** P's learning rate. */
  readonly outerLr: number;
  readonly eta: number | null;
  readonly decay: number;
  readonly decayEvery: number;
  readonly outer: OuterUpdate;
  readonly loss: LossName;
  /** The weight of the fusion loss's gradient part; `ramp` rises from 1/epochs to 1, as the authors'. */
  readonly alphaF: number | 'ramp';
  readonly alphaR: number;
  readonly network: NetworkConfig;
}

/**
 * Checks what the parsers of single options cannot see.
 * @throws OptionError naming the option
 */
export function checkedConfig(config: TrainConfig): TrainConfig {
  if (config.data !== 'synthetic' && (config.a === null || config.b === null)) {
    throw new OptionError(
      '--data names a folder, so --a and --b must name the folders of the two sources in it',
    );
  }
  if (config.data === 'synthetic' && (config.a !== null || config.b !== null)) {
    throw new OptionError('--data is synthetic, so leave out --a and --b, or let --data name their folder');
  }
  if (config.data !== 'synthetic' && config.a === config.b) {
    throw new OptionError(`--a and --b must be two folders, got "${config.a}" for both`);
  }
  networkConfig(config.network);
  trainingSettings({ epochs: config.epochs, innerSteps: config.innerSteps, outerUpdate: config.outer });
  return config;
}

/** The weight of the fusion loss's gradient part in an epoch, counted from 0. */
export function alphaOf(config: TrainConfig, epoch: number): number {
  return config.alphaF === 'ramp' ? (epoch + 1) / config.epochs : config.alphaF;
}
