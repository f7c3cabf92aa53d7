import type { TrainingEvent } from '@refusion/meta';
import type { LogLine } from './event-log.js';
import type { TrainingObserver } from './observer.js';

/** A loss at the beginning and at the end of a training. */
export interface TrendSummary {
  readonly first: number;
  readonly last: number;
}

/** Collects the losses of a training. */
export class LossTrend implements TrainingObserver {
  private readonly series = new Map<string, number[]>();

  event(event: TrainingEvent): void {
    if (event.type !== 'epoch-end') this.add(event);
  }

  /** An update, or the line that the log has of one. */
  add(event: Exclude<TrainingEvent, { type: 'epoch-end' }> | LogLine): void {
    if (event.type === 'meta-step') {
      this.push('outer', event.outer.total);
      return;
    }
    this.push('fusion', event.fusion.total);
    this.push('fusion intensity', event.fusion['intensity'] ?? event.fusion.total);
    this.push('reconstruction', event.objective.total);
  }

  /** The mean of each loss over the first and over the last tenth of its updates. */
  summary(): { readonly [loss: string]: TrendSummary } {
    return Object.fromEntries(
      [...this.series].map(([loss, values]) => {
        const tenth = Math.max(1, Math.floor(values.length / 10));
        return [loss, { first: mean(values.slice(0, tenth)), last: mean(values.slice(-tenth)) }];
      }),
    );
  }

  private push(loss: string, value: number): void {
    const values = this.series.get(loss);
    if (values) values.push(value);
    else this.series.set(loss, [value]);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
