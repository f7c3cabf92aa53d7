import { escaped } from './html.js';

/** What the report needs of what `bench metrics --format json` prints; numbers that are not finite are strings there. */
export interface Scores {
  readonly convention: string;
  readonly metrics: readonly {
    readonly id: string;
    readonly name: string;
    readonly better: 'higher' | 'lower';
  }[];
  readonly dataSets: readonly { readonly methods: readonly MethodScores[] }[];
}

interface MethodScores {
  readonly name: string;
  readonly summary: { readonly [metric: string]: { readonly mean: number | string } };
}

/** The table of mean scores: an arrow tells which way is better, the best of each column is bold. */
export function scoreTable({ metrics, dataSets }: Scores): string {
  const methods = dataSets.flatMap((dataSet) => dataSet.methods);
  const meanOf = ({ summary }: MethodScores, id: string): number => Number(summary[id]?.mean);
  const best = metrics.map(({ id, better }) => {
    const means = methods.map((method) => meanOf(method, id)).filter(Number.isFinite);
    return better === 'higher' ? Math.max(...means) : Math.min(...means);
  });
  const head = metrics.map(
    ({ id, name, better }) => `<th title="${escaped(name)}">${id} ${better === 'higher' ? '↑' : '↓'}</th>`,
  );
  const rows = methods.map((method) => {
    const cells = metrics.map(({ id }, column) => {
      const mean = meanOf(method, id);
      return `<td${mean === best[column] ? ' class="best"' : ''}>${mean.toFixed(3)}</td>`;
    });
    return `<tr><td>${escaped(method.name)}</td>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}
