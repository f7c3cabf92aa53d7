import type { DataSetResults, Results } from '../results/results.js';
import { distributionPlots } from './distributions.js';
import { Html, html } from './html.js';
import { methodStyle } from './method-style.js';
import { metricList } from './metric-list.js';
import { parallelPlot } from './parallel-plot.js';
import { scoreTable } from './score-table.js';
import { STYLE } from './style.js';
import { testsTable } from './tests-table.js';

/** What the page shows. */
export interface PageContent {
  readonly title: string;
  /** Of one file or several. */
  readonly results: readonly Results[];
  /** The picture grids of a data set; none if it shows none. */
  readonly pictures: ReadonlyMap<DataSetResults, readonly Html[]>;
  /** What is to be said of a data set's pictures: a sentence. */
  readonly warnings: ReadonlyMap<DataSetResults, string>;
  readonly digits: number;
  /** The version of the program. */
  readonly version: string;
}

/**
 * A page of results that stands for itself: no script, nothing loaded from anywhere, which its content security policy
 * makes sure of.
 */
export function page({ title, results, pictures, warnings, digits, version }: PageContent): string {
  const sections = results.flatMap((each) => each.dataSets.map((dataSet) => ({ dataSet, results: each })));
  const bodies = sections.map(({ dataSet, results: each }, place) =>
    section(dataSet, each, {
      id: `data-${place}`,
      digits,
      grids: pictures.get(dataSet) ?? [],
      warning: warnings.get(dataSet) ?? null,
    }),
  );
  const links = sections.map(
    ({ dataSet }, place) => html`<li><a href="#data-${place}">${dataSet.name}</a></li>`,
  );
  const conventions = new Map(
    results.map((each) => [`${each.convention} ${each.metrics.map(({ id }) => id)}`, each]),
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><style>${new Html(STYLE)}</style></head><body>
<header><h1>${title}</h1><p class="lead">${summaryOf(results)}</p>
${results.flatMap(({ notes }) => notes).map((note) => html`<p class="legend">${note}</p>`)}</header>
${links.length > 1 && html`<nav aria-label="Data sets"><ul>${links}</ul></nav>`}
<main>${bodies}
<section><h2>What the numbers are</h2>${[...conventions.values()].map(metricList)}</section></main>
<footer>Made by refusion-bench ${version}. This page loads nothing from anywhere.</footer>
</body></html>
`.text;
}

function summaryOf(results: readonly Results[]): string {
  const dataSets = results.flatMap((each) => each.dataSets);
  const methods = new Set(dataSets.flatMap((dataSet) => dataSet.methods.map(({ name }) => name))).size;
  const images = dataSets.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const metrics = new Set(results.flatMap((each) => each.metrics.map(({ id }) => id))).size;
  const counts = [
    counted(methods, 'method'),
    counted(metrics, 'metric'),
    `${counted(images, 'pair')} of pictures`,
    counted(dataSets.length, 'data set'),
  ];
  return `${counts.join(' · ')} · convention ${[...new Set(results.map(({ convention }) => convention))].join(', ')}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

interface SectionOptions {
  readonly id: string;
  readonly digits: number;
  readonly grids: readonly Html[];
  readonly warning: string | null;
}

function section(dataSet: DataSetResults, results: Results, options: SectionOptions): Html {
  const { id, digits, grids, warning } = options;
  const { metrics } = results;
  const parallel = parallelPlot(dataSet, metrics, digits);
  return html`<section id="${id}"><h2>${dataSet.name}</h2>
${warning && html`<p class="warning"><b>Warning:</b> ${warning}</p>`}
${scoreTable(dataSet, results, digits)}
${testsTable(dataSet, digits)}
${
  parallel &&
  html`<h3>At a glance</h3>
${methodKey(dataSet)}
<div class="panel scroll" role="region" tabindex="0" aria-label="Means of ${dataSet.name}, plotted">${parallel}</div>
<p class="legend">Each axis goes from the worst end of a method's 95 % interval to the best, the better end up. Bars are the
intervals.</p>`
}
<h3>Image by image</h3>
<div class="panel">${distributionPlots(dataSet, metrics)}</div>
<p class="legend">Boxes: quartiles and median; whiskers: to the last score within 1.5 times their distance; diamonds: means.</p>
${grids.length > 0 && html`<h3>Pictures</h3>${grids}`}
</section>\n`;
}

/** Which line is which method's. */
function methodKey({ methods }: DataSetResults): Html {
  const items = methods.map(({ name }, place) => {
    const { color, dash } = methodStyle(place);
    return html`<li><svg width="34" height="8" aria-hidden="true"><line x1="0" x2="34" y1="4" y2="4" stroke="${color}" stroke-width="3" stroke-dasharray="${dash}"/></svg>${name}</li>`;
  });
  return html`<ul class="methods">${items}</ul>`;
}
