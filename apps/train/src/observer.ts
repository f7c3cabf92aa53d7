import type { TrainingEvent } from '@refusion/meta';

/** What is known beside an event. */
export interface EventExtras {
  /** Since the training began, without the time that it lay still. */
  readonly seconds: number;
  /** Tensors alive on the engine. */
  readonly tensors: number;
  /** Resident memory of the process, in bytes. */
  readonly memory: number;
}

/** Something that follows a training: writes, shows, keeps. */
export interface TrainingObserver {
  /** Called with every event, one observer after the other; the training waits. The event's tensors are only lent. */
  event(event: TrainingEvent, extras: EventExtras): void | Promise<void>;
  /** Called once when the training is over, however it ended. */
  close?(): void | Promise<void>;
}
