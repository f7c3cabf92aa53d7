import type { HostBatch } from './host-batch.js';

/** What JSON keeps exactly. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/**
 * An endless stream of batches that can say where it is and go there again; `batchStream` of `@refusion/data` is one.
 * A stream whose batches do not depend on where it is may have the state `null`. `Name` as in `Learner`.
 */
export interface TrainingStream<Name extends string = never> {
  /** The next batch. */
  next(): Promise<HostBatch<Name>>;
  /** Where the stream is. */
  state(): PlainValue;
  /** Goes to where a stream of the same data was. */
  restore(state: PlainValue): void;
}

/** The streams of a training. The first two may be one and the same, whose batches then alternate. */
export interface TrainingStreams<Name extends string = never> {
  readonly metaTrain: TrainingStream<Name>;
  readonly metaTest: TrainingStream<Name>;
  readonly fusionTrain: TrainingStream<Name>;
}

/** Where each stream is. */
export type StreamStates = { readonly [name in keyof TrainingStreams]: PlainValue };

/** Where each stream is now. */
export function streamStates({ metaTrain, metaTest, fusionTrain }: TrainingStreams): StreamStates {
  return { metaTrain: metaTrain.state(), metaTest: metaTest.state(), fusionTrain: fusionTrain.state() };
}

/** Sends every stream to where it was. */
export function restoreStreams(streams: TrainingStreams, states: StreamStates): void {
  streams.metaTrain.restore(states.metaTrain);
  streams.metaTest.restore(states.metaTest);
  streams.fusionTrain.restore(states.fusionTrain);
}
