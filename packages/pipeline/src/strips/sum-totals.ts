import { type AttentionSums, type Float64Tensor, reference } from '@refusion/autodiff';
import type { Numbers } from './stage.js';

/** The names of an attention's sums, in the order in which stages give them. */
export const SUM_NAMES = ['gram', 'q', 'k'] as const;

/** The sums over all strips so far, in float64. */
export interface SumTotals {
  /** Adds a strip's sums: three arrays for each attention. */
  add(sums: readonly Numbers[]): void;
  /** As tensors of the reference interpreter, one record for each attention. */
  tensors(): AttentionSums[];
}

export function sumTotals(): SumTotals {
  const totals: Float64Array[] = [];
  return {
    add: (sums) =>
      sums.forEach((values, i) => {
        const total = totals[i] ?? new Float64Array(values.length);
        totals[i] = total;
        values.forEach((value, j) => {
          total[j] = (total[j] as number) + value;
        });
      }),
    tensors: () => {
      const all: AttentionSums[] = [];
      for (let i = 0; i < totals.length; i += SUM_NAMES.length) {
        const [gram, q, k] = totals.slice(i, i + SUM_NAMES.length) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const channels = q.length;
        const row = (x: Float64Array): Float64Tensor => ({ data: x, shape: [1, 1, channels] });
        all.push({ gram: reference.ops.constant(gram, [1, channels, channels]), q: row(q), k: row(k) });
      }
      return all;
    },
  };
}
