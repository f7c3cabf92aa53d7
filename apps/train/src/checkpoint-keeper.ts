import type { Engine } from '@refusion/autodiff';
import { savedState, type TrainingEvent, type TrainingSettings, type TrainingState } from '@refusion/meta';
import type { PairsMark } from './checkpoint-file.js';
import type { Checkpoints } from './checkpoints.js';
import type { TrainConfig } from './config.js';
import type { EventLog } from './event-log.js';
import type { TrainingObserver } from './observer.js';
import { updatesAt } from './updates.js';
import { version } from './version.js';

/** What a keeper needs. */
export interface KeeperOptions {
  readonly engine: Engine;
  readonly config: TrainConfig;
  readonly settings: TrainingSettings;
  readonly checkpoints: Checkpoints;
  readonly log: EventLog;
  readonly pairs: PairsMark;
}

/** Writes a checkpoint every so many updates or minutes, after every epoch, and whenever it is asked to. */
export class CheckpointKeeper implements TrainingObserver {
  private readonly options: KeeperOptions;
  private lastUpdates: number | null = null;
  private lastTime = performance.now();

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  /** The updates before the newest checkpoint; null if there is none yet. */
  get saved(): number | null {
    return this.lastUpdates;
  }

  async event({ type, state }: TrainingEvent): Promise<void> {
    if (type === 'epoch-end' || this.isDue(state)) await this.save(state);
  }

  /**
   * Saves the state. A log that cannot be written keeps nothing from being saved, but for its own last lines.
   * @throws FileError if the state cannot be written, and the newest checkpoint before is then untouched; or the log
   */
  async save(state: TrainingState): Promise<void> {
    const { engine, config, settings, checkpoints, log, pairs } = this.options;
    const saved = await savedState(engine, state);
    // The log first: a checkpoint must never know of lines that a power cut can take back.
    const [flushed] = await Promise.allSettled([checkpoints.makingRoom(() => log.flush())]);
    const updates = updatesAt(state.position, settings);
    const maker = { version, engine: engine.name };
    await checkpoints.save(updates, { saved, config, maker, logBytes: log.flushed, pairs }, config.keep);
    this.goesOnFrom(updates);
    if (flushed.status === 'rejected') throw flushed.reason;
  }

  /** There is a checkpoint after so many updates already. */
  goesOnFrom(updates: number): void {
    this.lastUpdates = updates;
    this.lastTime = performance.now();
  }

  private isDue(state: TrainingState): boolean {
    const { checkpointEvery: every } = this.options.config;
    if (typeof every === 'number') return updatesAt(state.position, this.options.settings) % every === 0;
    return performance.now() - this.lastTime >= 60_000 * Number.parseFloat(every);
  }
}
