import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ndarray, ShapeError } from '@refusion/core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { CONVENTIONS } from './convention.js';
import type { Triplet } from './gray.js';
import type { Metric } from './metric.js';
import { METRIC_IDS, type MetricId, metricsOf } from './registry.js';
import { type Properties, propertiesOf } from './test-properties.js';

const repository = new URL('../../../', import.meta.url);
const documentation = readFileSync(new URL('docs/conventions.md', repository), 'utf8');

async function readTriplet(): Promise<Triplet> {
  const read = async (name: string) => {
    const file = new URL(`fixtures/metrics-own/1-blobs-64x80/${name}.png`, repository);
    const png = sharp(fileURLToPath(file)).toColourspace('b-w').raw();
    const { data, info } = await png.toBuffer({ resolveWithObject: true });
    return ndarray(new Uint8Array(data), [info.height, info.width]);
  };
  const [fused, a, b] = [await read('f'), await read('a'), await read('b')];
  return { fused, a, b, truth: a };
}

/** Rows of a Markdown table, the columns aligned. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function scoreText({ unit, compute }: Metric, triplet: Triplet): string {
  try {
    const digits = Number(compute(triplet).toPrecision(6)).toString();
    return unit === '1' ? digits : `${digits} ${unit}`;
  } catch (error) {
    if (error instanceof ShapeError) return 'too small';
    throw error;
  }
}

it('docs/conventions.md has the values of every metric in every convention', async () => {
  const triplet = await readTriplet();
  const rows = METRIC_IDS.map((id) => [
    id,
    ...CONVENTIONS.flatMap((convention) =>
      metricsOf(convention, [id]).map((metric) => scoreText(metric, triplet)),
    ),
  ]);
  expect(documentation).toContain(`\n${tableOf(['metric', ...CONVENTIONS], rows)}\n`);
});

/** What a metric gives on constant images and where it gives nothing, with the conventions where these differ. */
function limitsOf(id: MetricId): string[][] {
  const conventionsOf = new Map<string, string[]>();
  for (const convention of CONVENTIONS) {
    for (const { constant, undefinedWhere } of metricsOf(convention, [id])) {
      const limits = `${Number(constant.toPrecision(6))} | ${undefinedWhere ?? ''}`;
      conventionsOf.set(limits, [...(conventionsOf.get(limits) ?? []), convention]);
    }
  }
  return [...conventionsOf].map(([limits, names]) => [
    conventionsOf.size === 1 ? id : `${id} (${names.join(', ')})`,
    ...limits.split(' | '),
  ]);
}

it('docs/conventions.md says where a metric is not a number', () => {
  const head = ['metric', 'constant images', 'no number, or none with a meaning'];
  expect(documentation).toContain(`\n${tableOf(head, METRIC_IDS.flatMap(limitsOf))}\n`);
});

function propertyText(property: keyof Properties, value: Properties[keyof Properties]): string {
  if (value === null) return '';
  if (property === 'contrast')
    return value === 'dB' ? '- 20 log10 k dB' : (['same', 'k', 'k^2'][Number(value)] ?? '');
  return typeof value === 'number' ? `${Number(value.toPrecision(6))}` : value;
}

/** How a metric behaves, with the conventions where these differ. */
function behaviourOf(id: MetricId): string[][] {
  const columns = ['exchange', 'equal', 'brighter', 'contrast', 'noise', 'blur'] as const;
  const conventionsOf = new Map<string, string[]>();
  for (const convention of CONVENTIONS) {
    const properties = propertiesOf(convention, id);
    const row = columns.map((property) => propertyText(property, properties[property])).join(' | ');
    conventionsOf.set(row, [...(conventionsOf.get(row) ?? []), convention]);
  }
  return [...conventionsOf].map(([row, names]) => [
    conventionsOf.size === 1 ? id : `${id} (${names.join(', ')})`,
    ...row.split(' | '),
  ]);
}

it('docs/conventions.md says how the metrics behave', () => {
  const head = [
    'metric',
    'A, B exchanged',
    'F = A = B = T',
    'all + c',
    'all * k',
    'more noise in F',
    'more blur in F',
  ];
  expect(documentation).toContain(`\n${tableOf(head, METRIC_IDS.flatMap(behaviourOf))}\n`);
});
