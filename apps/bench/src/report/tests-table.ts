import type { Comparison, DataSetResults } from '../results/results.js';
import { scoreText } from '../results/standings.js';
import { type Html, html } from './html.js';

/** Every two methods by every metric: the difference of their means and whether it may be chance. Folded away. */
export function testsTable({ name, comparisons }: DataSetResults, digits: number): Html | null {
  if (comparisons.length === 0) return null;
  const heads = [
    'metric',
    'methods',
    'mean difference',
    '95 % interval',
    'images',
    'p',
    'p (Holm, best)',
    'p (Holm, all)',
  ];
  return html`<details><summary>Paired tests of every two methods</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Paired tests of ${name}"><table>
<caption>Wilcoxon signed-rank tests, two-sided; Holm's correction over the comparisons by one metric, of the best method with
the others (best) or of every two methods (all)</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${comparisons.map((comparison) => testRow(comparison, digits))}</tbody></table></div></details>`;
}

function testRow({ metric, methods, difference, interval, count, test }: Comparison, digits: number): Html {
  const ends = interval.map((end) => scoreText(end, digits));
  const cells = [
    `${methods[0]} − ${methods[1]}`,
    ...(count === 0 ? ['–', '–'] : [scoreText(difference, digits), `${ends[0]} – ${ends[1]}`]),
    count,
    probabilityText(test.pValue),
    probabilityText(test.holmBest ?? Number.NaN),
    probabilityText(test.holmAllPairs),
  ];
  return html`<tr><th scope="row">${metric}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`;
}

function probabilityText(p: number): string {
  if (Number.isNaN(p)) return '–';
  return p < 0.0005 ? p.toExponential(0) : p.toFixed(3);
}
