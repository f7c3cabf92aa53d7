import { eventOf } from './log-line.js';
import { LogTail } from './log-tail.js';
import { type Curves, Series } from './series.js';

/** Where an update stands; not curves. */
const PLACES = new Set(['epoch', 'step', 'seconds']);

/** The curves of a run's log, and its last line's numbers. */
export interface LogCurves extends Curves {
  readonly last: { readonly [name: string]: number };
}

/** Follows a run's `log.jsonl`. */
export class LogFollower {
  private readonly series = new Series();
  private last: ReadonlyMap<string, number> = new Map();
  private readonly tail: LogTail;

  constructor(path: string) {
    this.tail = new LogTail(path, { reset: () => this.reset(), line: (text) => this.line(text) });
  }

  /** Reads what is new; tells whether anything was. */
  poll(): Promise<boolean> {
    return this.tail.poll();
  }

  curves(): LogCurves {
    return { ...this.series.snapshot(), last: Object.fromEntries(this.last) };
  }

  private reset(): void {
    this.series.clear();
    this.last = new Map();
  }

  private line(text: string): void {
    const event = eventOf(text);
    if (!event) return;
    const { numbers } = event;
    const duration = (numbers.get('seconds') ?? Number.NaN) - (this.last.get('seconds') ?? 0);
    const curves = new Map([...numbers].filter(([name]) => !PLACES.has(name)));
    // A resumed training may count its seconds from 0 again.
    if (duration > 0) curves.set('duration', duration);
    this.series.add(curves);
    this.last = numbers;
  }
}
