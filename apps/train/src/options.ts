import type { Engine } from '@refusion/autodiff';
import type { TrainingObserver } from './observer.js';
import type { ViewOptions } from './view.js';

/** How a training is run, beside its configuration. */
export interface TrainingOptions {
  /** The run folder. */
  readonly out: string;
  /** Replace what the folder holds. Default false. */
  readonly overwrite?: boolean;
  /** Go on from the folder's newest checkpoint; without one, begin. Default false. */
  readonly resume?: boolean;
  /** Show no progress. Default false. */
  readonly quiet?: boolean;
  /**
   * Aborted to end the training early: the step under way is finished and saved, and the report says where that was.
   * What has not begun to train rejects with the signal's reason, and changes nothing.
   */
  readonly stop?: AbortSignal;
  /** What is told when `stop` is aborted. Default: that it stops after this step. */
  readonly stopping?: string;
  /** How the training can be looked at. Default: not at all. */
  readonly view?: ViewOptions;
  /** What is to be told before the training begins, a line each. */
  readonly notes?: readonly string[];
  /** What messages call a setting, or `watchPair` of the view. Default: its name. */
  readonly label?: (setting: string) => string;
  /** An engine of one's own in place of the configuration's. */
  readonly engine?: Engine;
  /** Further observers: they see every event before a checkpoint is made of it. */
  readonly observers?: readonly TrainingObserver[];
}
