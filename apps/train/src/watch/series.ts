/** The most points of a curve. */
export const MOST_POINTS = 1024;
/** The most curves: a log is data, and may name anything. */
const MOST_CURVES = 64;

/**
 * A curve: what each bucket of updates has of a number; null where none of them has it. `min` and `max` are empty where
 * a bucket is one update.
 */
export interface Curve {
  readonly mean: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
}

/** Curves for a page to draw. */
export interface Curves {
  /** Updates so far. */
  readonly updates: number;
  /** Updates in a bucket: a power of 2. */
  readonly bucket: number;
  readonly curves: { readonly [name: string]: Curve };
}

interface Summary {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/**
 * Numbers by update, in a bounded number of buckets: when they are full, neighbours are joined, so that a long run has
 * as many points as a short one and takes no more memory.
 */
export class Series {
  private updates = 0;
  private bucket = 1;
  private readonly curves = new Map<string, (Summary | undefined)[]>();

  /** The numbers of the next update. */
  add(numbers: ReadonlyMap<string, number>): void {
    if (this.updates >= this.bucket * MOST_POINTS) this.join();
    const at = Math.floor(this.updates / this.bucket);
    for (const [name, value] of numbers) {
      const curve = this.curves.get(name) ?? this.begun(name);
      if (curve) curve[at] = joined(curve[at], { count: 1, sum: value, min: value, max: value });
    }
    this.updates++;
  }

  clear(): void {
    this.updates = 0;
    this.bucket = 1;
    this.curves.clear();
  }

  snapshot(): Curves {
    const length = Math.ceil(this.updates / this.bucket);
    const ranges = this.bucket > 1;
    const curves = [...this.curves].map(
      ([name, summaries]) => [name, curveOf(summaries, length, ranges)] as const,
    );
    return { updates: this.updates, bucket: this.bucket, curves: Object.fromEntries(curves) };
  }

  private begun(name: string): (Summary | undefined)[] | null {
    if (this.curves.size >= MOST_CURVES) return null;
    const curve: (Summary | undefined)[] = [];
    this.curves.set(name, curve);
    return curve;
  }

  private join(): void {
    this.bucket *= 2;
    for (const [name, curve] of this.curves) {
      const half = Math.ceil(curve.length / 2);
      this.curves.set(
        name,
        Array.from({ length: half }, (_, i) => joined(curve[2 * i], curve[2 * i + 1])),
      );
    }
  }
}

function joined(p: Summary | undefined, q: Summary): Summary;
function joined(p: Summary | undefined, q: Summary | undefined): Summary | undefined;
function joined(p: Summary | undefined, q: Summary | undefined): Summary | undefined {
  if (!p || !q) return p ?? q;
  return {
    count: p.count + q.count,
    sum: p.sum + q.sum,
    min: Math.min(p.min, q.min),
    max: Math.max(p.max, q.max),
  };
}

function curveOf(summaries: readonly (Summary | undefined)[], length: number, ranges: boolean): Curve {
  const values = (of: (summary: Summary) => number): (number | null)[] =>
    Array.from({ length }, (_, i) => {
      const summary = summaries[i];
      return summary ? short(of(summary)) : null;
    });
  return {
    mean: values(({ sum, count }) => sum / count),
    min: ranges ? values(({ min }) => min) : [],
    max: ranges ? values(({ max }) => max) : [],
  };
}

/** Six digits are more than a screen can show. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
