import type { TrainingEvent } from '@refusion/meta';
import type { TrainingObserver } from './observer.js';
import { type LogEvent, numbersOf } from './watch/log-line.js';

/** A loss at the beginning and at the end of a training. */
export interface TrendSummary {
  readonly first: number;
  readonly last: number;
}

/** Collects the losses of a training. */
export class LossTrend implements TrainingObserver {
  private readonly courses = new Map<string, Course>();

  event({ state: _state, ...event }: TrainingEvent): void {
    this.add({ type: event.type, numbers: numbersOf(event) });
  }

  /** What the log says of an update. */
  add({ type, numbers }: LogEvent): void {
    if (type === 'meta-step') this.push('outer', numbers.get('outer.total'));
    if (type !== 'fusion-update') return;
    const total = numbers.get('fusion.total');
    this.push('fusion', total);
    this.push('fusion intensity', numbers.get('fusion.intensity') ?? total);
    this.push('reconstruction', numbers.get('objective.total'));
  }

  /** The mean of each loss over the first and over the last tenth of its updates; of very many, to a percent of them. */
  summary(): { readonly [loss: string]: TrendSummary } {
    return Object.fromEntries([...this.courses].map(([loss, course]) => [loss, course.tenths()]));
  }

  private push(loss: string, value: number | undefined): void {
    if (value === undefined) return;
    const course = this.courses.get(loss) ?? new Course();
    this.courses.set(loss, course);
    course.add(value);
  }
}

/** The most sums to keep: tenths of half as many are exact to a percent of all. */
const MOST_SUMS = 2000;

/** Numbers in their order, summed up by neighbours where they are many, so that the longest training takes no more memory. */
class Course {
  private sums: number[] = [];
  private count = 0;
  /** The numbers in a sum. */
  private size = 1;

  add(value: number): void {
    if (this.count === MOST_SUMS * this.size) this.join();
    const at = Math.floor(this.count++ / this.size);
    this.sums[at] = (this.sums[at] ?? 0) + value;
  }

  tenths(): TrendSummary {
    const { sums, count, size } = this;
    const tenth = Math.max(1, Math.floor(count / size / 10));
    const total = (some: readonly number[]): number => some.reduce((sum, value) => sum + value, 0);
    // The newest sum may be of fewer.
    const ofLast = count - (sums.length - tenth) * size;
    return {
      first: total(sums.slice(0, tenth)) / (tenth * size),
      last: total(sums.slice(-tenth)) / ofLast,
    };
  }

  private join(): void {
    this.size *= 2;
    const { sums } = this;
    this.sums = Array.from(
      { length: MOST_SUMS / 2 },
      (_, i) => (sums[2 * i] as number) + (sums[2 * i + 1] as number),
    );
  }
}
