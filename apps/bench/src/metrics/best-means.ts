import type { ScoreBoard } from './scores.js';

/** A score as tables print it. */
export function scoreText(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : String(value);
}

/**
 * The best mean of each metric among the methods, as it is printed: means that look equal are equally good. Null where
 * there is nothing to compare: one method alone, or means that are not all over every image.
 */
export function bestMeans({ metrics, methods }: ScoreBoard): (string | null)[] {
  return metrics.map(({ better }, column) => {
    const complete = methods.every(({ images, means }) => means[column]?.count === images.length);
    if (methods.length < 2 || !complete) return null;
    const values = methods.map(({ means }) => means[column]?.value as number);
    return scoreText(better === 'higher' ? Math.max(...values) : Math.min(...values));
  });
}
