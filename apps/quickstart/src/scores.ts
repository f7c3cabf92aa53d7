import { METRICS } from '@refusion/metrics';
import { escaped } from './html.js';

/** What `bench metrics --format json` prints. */
export interface Scores {
  readonly convention: string;
  readonly methods: {
    readonly [method: string]: { readonly mean: { readonly [metric: string]: number } };
  };
}

/** The table of mean scores: an arrow tells which way is better, the best of each column is bold. */
export function scoreTable({ methods }: Scores): string {
  const ids = Object.keys(Object.values(methods)[0]?.mean ?? {});
  const shown = METRICS.filter(({ id }) => ids.includes(id));
  const best = new Map(
    shown.map(({ id, better }) => {
      const values = Object.values(methods).map(({ mean }) => mean[id] as number);
      return [id, better === 'higher' ? Math.max(...values) : Math.min(...values)];
    }),
  );
  const head = shown.map(
    ({ id, name, better }) => `<th title="${escaped(name)}">${id} ${better === 'higher' ? '↑' : '↓'}</th>`,
  );
  const rows = Object.entries(methods).map(([method, { mean }]) => {
    const cells = shown.map(({ id }) => {
      const value = mean[id] as number;
      return `<td${value === best.get(id) ? ' class="best"' : ''}>${value.toFixed(3)}</td>`;
    });
    return `<tr><td>${escaped(method)}</td>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}
