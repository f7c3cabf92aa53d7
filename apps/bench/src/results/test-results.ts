import { METRICS } from '@refusion/metrics';
import type { MetricInfo, Results } from './results.js';
import { summarise } from './summarise.js';

/** For tests: descriptors of metrics by their ids, in that order. */
export function infoOf(...ids: readonly string[]): MetricInfo[] {
  return ids.map((wanted) => {
    const found = METRICS.find(({ id }) => id === wanted);
    if (!found) throw new Error(`no metric ${wanted}`);
    const { compute: _, ...info } = found;
    return info;
  });
}

/** For tests: results of one data set from scores of EN and SCD, by method and image. */
export function resultsOf(
  methods: { readonly [name: string]: readonly (readonly [EN: number, SCD: number])[] },
  { notes = [], name = 'data' }: { notes?: readonly string[]; name?: string } = {},
): Results {
  const metrics = infoOf('EN', 'SCD');
  const images = Object.values(methods)[0]?.length ?? 0;
  const stems = Array.from({ length: images }, (_, image) => `image${image}`);
  const scored = {
    name,
    pairs: stems.map((stem) => ({ stem, a: `a/${stem}.png`, b: `b/${stem}.png` })),
    methods: Object.entries(methods).map(([method, values]) => ({
      name: method,
      fused: stems.map((stem) => `${method}/${stem}.png`),
      values,
    })),
    notes,
  };
  return { convention: 'evaluator', metrics, dataSets: [summarise(scored, metrics)], notes: [] };
}
