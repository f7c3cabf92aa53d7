/**
 * Scores and times a triplet for compare.py: reads its raw bytes, fused, a and b. Prints the scores, one line of JSON, and
 * then for every line of stdin, a round, the milliseconds of one call of each.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ndarray } from '@refusion/core';
import { METRICS, type MetricId, PAPER_METRICS, scoreTriplet } from '@refusion/metrics';

const [file = '', height = '', width = '', names = ''] = process.argv.slice(2);
const pixels = Number(height) * Number(width);
const bytes = new Uint8Array(readFileSync(file));
const image = (i: number) =>
  ndarray(bytes.slice(i * pixels, (i + 1) * pixels), [Number(height), Number(width)]);
const triplet = { fused: image(0), a: image(1), b: image(2) };
const ids = METRICS.map(({ id }) => id).filter((id) => names.split(',').includes(id));

function milliseconds(metrics: readonly MetricId[]): number {
  const start = performance.now();
  scoreTriplet(triplet, { metrics });
  return performance.now() - start;
}

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

print(scoreTriplet(triplet, { metrics: ids }));
for await (const _ of createInterface({ input: process.stdin })) {
  const each = Object.fromEntries(ids.map((id) => [id, milliseconds([id])]));
  print({ ...each, six: milliseconds(PAPER_METRICS), twelve: milliseconds(ids) });
}
