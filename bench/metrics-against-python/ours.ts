/** Scores and times a triplet for compare.py: reads its raw bytes, fused, a and b, and prints one line of JSON. */
import { readFileSync } from 'node:fs';
import { ndarray } from '@refusion/core';
import { METRICS, type MetricId, PAPER_METRICS, scoreTriplet } from '@refusion/metrics';

const [file = '', height = '', width = '', runs = '', names = ''] = process.argv.slice(2);
const pixels = Number(height) * Number(width);
const bytes = new Uint8Array(readFileSync(file));
const image = (i: number) =>
  ndarray(bytes.slice(i * pixels, (i + 1) * pixels), [Number(height), Number(width)]);
const triplet = { fused: image(0), a: image(1), b: image(2) };
const ids = METRICS.map(({ id }) => id).filter((id) => names.split(',').includes(id));

/** The milliseconds of the fastest call. */
function timed(metrics: readonly MetricId[]): number {
  const times = Array.from({ length: Number(runs) }, () => {
    const start = performance.now();
    scoreTriplet(triplet, { metrics });
    return performance.now() - start;
  });
  return Math.min(...times);
}

const each = Object.fromEntries(ids.map((id) => [id, timed([id])]));
const together = { six: timed(PAPER_METRICS), twelve: timed(ids) };
process.stdout.write(
  `${JSON.stringify({ scores: scoreTriplet(triplet, { metrics: ids }), each, together })}\n`,
);
