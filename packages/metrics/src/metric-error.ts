import { ShapeError } from '@refusion/core';

/** What the metric's own functions put before their sentences. */
const WHERE = /^\w+: /;

/** Images that one of several metrics cannot take, for their size. */
export class MetricError extends ShapeError {
  /**
   * @param metric the short name of the metric
   * @param cause what it said
   */
  constructor(
    readonly metric: string,
    cause: ShapeError,
  ) {
    super(`scoreTriplet: ${metric}: ${cause.message.replace(WHERE, '')}`, { cause });
  }

  /** The sentence without the function and the metric. */
  get reason(): string {
    return this.message.replace(WHERE, '').slice(`${this.metric}: `.length);
  }
}
