import { readFile } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import { CONVENTIONS } from '@refusion/metrics';
import { z } from 'zod';
import { validate } from '../validate.js';
import type { Results } from './results.js';
import { FORMAT, VERSION } from './results-text.js';

/** JSON has no such numbers. */
const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)], {
  error: 'must be a number, "NaN", "Infinity" or "-Infinity"',
});
const interval = z.tuple([number, number]);
const count = z.int().min(0);

const metric = z.object({
  id: z.string().min(1),
  name: z.string(),
  unit: z.string(),
  range: z.tuple([number, number]),
  better: z.enum(['higher', 'lower']),
  combine: z.enum(['none', 'sum', 'mean', 'weighted', 'truth']),
  reference: z.string(),
  constant: number,
  undefinedWhere: z.string().nullable(),
});

const method = z.object({
  name: z.string().min(1),
  fused: z.array(z.string()),
  stamps: z.array(z.string()).optional(),
  scores: z.record(z.string(), z.array(number)),
  summary: z.record(z.string(), z.object({ count, mean: number, sd: number, median: number, interval })),
  meanRank: z.number().nullable(),
});

const comparison = z.object({
  metric: z.string(),
  methods: z.tuple([z.string(), z.string()]),
  count,
  difference: number,
  interval,
  test: z.object({
    statistic: number,
    distribution: z.enum(['exact', 'normal']),
    pValue: number,
    holmAllPairs: number,
    holmBest: number.nullable(),
  }),
});

const pair = z.object({
  stem: z.string(),
  a: z.string(),
  b: z.string(),
  truth: z.string().optional(),
  stamps: z.object({ a: z.string(), b: z.string(), truth: z.string().optional() }).optional(),
});

const dataSet = z.object({
  name: z.string().min(1),
  pairs: z.array(pair).min(1),
  methods: z.array(method).min(1),
  comparisons: z.array(comparison),
  notes: z.array(z.string()),
});

const schema: z.ZodType<Results> = z.object({
  convention: z.enum(CONVENTIONS),
  metrics: z.array(metric).min(1),
  dataSets: z.array(dataSet),
  notes: z.array(z.string()).default([]),
});

/**
 * Reads back the JSON file of `bench metrics` or `bench run`.
 * @throws FileError if it cannot be read, is not such a file or of another version, or contradicts itself; the sentence
 * names the field
 */
export async function readResults(path: string): Promise<Results> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError('read', path, cause);
  });
  return parseResults(text, path);
}

/**
 * Results from the text of such a file.
 * @param name names the file in errors
 * @throws FileError as `readResults`
 */
export function parseResults(text: string, name: string): Results {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== FORMAT) {
    throw new FileError(`"${name}" is not a file of results; make one with bench metrics --out results.json`);
  }
  if (!('version' in value) || value.version !== VERSION) {
    const version = 'version' in value ? JSON.stringify(value.version) : 'none';
    throw new FileError(
      `"${name}" has results of version ${version}, and ${VERSION} is read; make it again with this program`,
    );
  }
  const results = validate(schema, value, name);
  expectWhole(results, name);
  return results;
}

/** Undefined where it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws FileError unless every method has, for every metric, a summary and a score of every pair. */
function expectWhole({ metrics, dataSets }: Results, name: string): void {
  dataSets.forEach(({ pairs, methods }, set) => {
    methods.forEach(({ fused, stamps, scores, summary }, index) => {
      const where = `dataSets[${set}].methods[${index}]`;
      const columns = [
        ['fused', fused] as const,
        ...(stamps ? [['stamps', stamps] as const] : []),
        ...metrics.map(({ id }) => [`scores.${id}`, scores[id]] as const),
      ];
      for (const [field, values] of columns) {
        if (values?.length === pairs.length) continue;
        throw new FileError(
          `"${name}": ${where}.${field} must have ${pairs.length} values, one for each pair, got ${values?.length ?? 'none'}`,
        );
      }
      const without = metrics.find(({ id }) => summary[id] === undefined);
      if (without) throw new FileError(`"${name}": ${where}.summary.${without.id} is missing`);
    });
  });
}
