import { notesOf, testNotes } from '../formats/notes.js';
import { type DataSetResults, type MetricInfo, ofMetric, type Results } from '../results/results.js';
import { differenceFromBest, LEVEL } from '../results/significance.js';
import { type Standing, scoreText, standingsOf } from '../results/standings.js';
import { ARROWS } from './arrows.js';
import { type Html, html } from './html.js';

/** The means of a data set's methods, and what the marks say. */
export function scoreTable(dataSet: DataSetResults, results: Results, digits: number): Html {
  const { convention, metrics } = results;
  const ranked = dataSet.methods.some(({ meanRank }) => meanRank !== null);
  const standings = metrics.map((metric) => standingsOf(dataSet, metric, digits));
  const rows = dataSet.methods.map(({ name, meanRank }, place) => {
    const cells = metrics.map((metric, column) =>
      meanCell(dataSet, metric, { place, standing: standings[column]?.[place] ?? null, digits }),
    );
    const rank = ranked && html`<td>${meanRank === null ? '' : meanRank.toFixed(2)}</td>`;
    return html`<tr><th scope="row">${name}</th>${cells}${rank}</tr>\n`;
  });
  const heads = metrics.map(
    ({ id, name, better }) =>
      html`<th scope="col" title="${name}">${id} <span aria-label="${better} is better">${ARROWS[better]}</span></th>`,
  );
  const notes = [...notesOf(dataSet, results), ...testNotes(dataSet, metrics)];
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Means of ${dataSet.name}"><table class="scores">
<caption>Mean over ${dataSet.pairs.length} images with its 95 % interval, convention <i>${convention}</i></caption>
<thead><tr><th scope="col">method</th>${heads}${ranked && html`<th scope="col">rank ↓</th>`}</tr></thead>
<tbody>${rows}</tbody></table></div>
${legendOf(dataSet, metrics, ranked)}${notes.map((note) => html`<p class="legend">${note}</p>`)}`;
}

interface Place {
  readonly place: number;
  readonly standing: Standing;
  readonly digits: number;
}

function meanCell(dataSet: DataSetResults, metric: MetricInfo, { place, standing, digits }: Place): Html {
  const { mean, interval } = ofMetric(dataSet.methods[place]?.summary ?? {}, metric.id);
  const number = scoreText(mean, digits);
  const [low, high] = interval;
  const shown =
    standing === 'best' ? html`<b>${number}</b>` : standing === 'second' ? html`<u>${number}</u>` : number;
  const near = differenceFromBest(dataSet, metric, place) === 'chance' && html`<sup>≈</sup>`;
  const range =
    !Number.isNaN(low) && html`<small>${scoreText(low, digits)} – ${scoreText(high, digits)}</small>`;
  return html`<td>${shown}${near}${range}</td>`;
}

function legendOf(dataSet: DataSetResults, metrics: readonly MetricInfo[], ranked: boolean): Html {
  const { methods } = dataSet;
  const standings =
    methods.length > 1 && html` <b>Bold</b>: best mean; <u>underlined</u>: second best, as printed.`;
  const marked = metrics.some((metric) =>
    methods.some((_, place) => differenceFromBest(dataSet, metric, place) === 'chance'),
  );
  const tests =
    marked &&
    html` <sup>≈</sup>: not significantly different from the best mean (Wilcoxon signed-rank test over the images, p ≥ ${LEVEL}
after Holm's correction over the comparisons of every two methods).`;
  const rank = ranked && html` Rank: the mean of the method's ranks over the metrics.`;
  return html`<p class="legend">↑ higher is better, ↓ lower is better.${standings}${tests}${rank}</p>`;
}
