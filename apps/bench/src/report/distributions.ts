import { axisY, boxX, dot, type Markish } from '@observablehq/plot';
import { type DataSetResults, type MetricInfo, ofMetric } from '../results/results.js';
import { ARROWS } from './arrows.js';
import { type Html, html } from './html.js';
import { methodStyle } from './method-style.js';
import { plotSvg } from './plot-svg.js';

/** With more images than this only the outliers are drawn as points: the page stays small. */
const MOST_POINTS = 200;
const [WIDTH, ROW] = [340, 24];

/** For each metric, how the scores of the images are distributed: a box for each method, with all scores as points. */
export function distributionPlots(dataSet: DataSetResults, metrics: readonly MetricInfo[]): Html {
  return html`<div class="plots">${metrics.map((metric) => distributionPlot(dataSet, metric))}</div>`;
}

function distributionPlot(dataSet: DataSetResults, { id, name, better, unit }: MetricInfo): Html {
  const { methods, pairs } = dataSet;
  const title = `${id} ${ARROWS[better]}${unit === '1' ? '' : `, ${unit}`}`;
  const plot = plotSvg(`${name}: scores of the ${pairs.length} images of ${dataSet.name} by method`, {
    width: WIDTH,
    height: ROW * methods.length + 34,
    marginLeft: 96,
    marginRight: 12,
    marginTop: 4,
    x: { label: null, ticks: 5, grid: true, nice: true },
    y: { label: null, domain: methods.map(({ name: method }) => method), padding: 0.3 },
    marks: [
      axisY({ tickSize: 0, lineWidth: 8, textOverflow: 'ellipsis', label: null }),
      ...methods.flatMap((_, place) => marksOf(dataSet, id, place)),
    ],
  });
  return html`<figure><figcaption><b>${title}</b></figcaption>${plot}</figure>`;
}

function marksOf({ methods }: DataSetResults, metric: string, place: number): Markish[] {
  const { name = '', scores = {}, summary = {} } = methods[place] ?? {};
  const { color } = methodStyle(place);
  const finite = ofMetric(scores, metric).filter(Number.isFinite);
  if (finite.length === 0) return [];
  const at = { x: (value: number) => value, y: () => name };
  const points =
    finite.length <= MOST_POINTS ? [dot(finite, { ...at, r: 1.4, fill: color, fillOpacity: 0.7 })] : [];
  return [
    boxX(finite, { ...at, fill: color, fillOpacity: 0.25, stroke: color, r: points.length > 0 ? 0 : 1.4 }),
    ...points,
    dot([ofMetric(summary, metric).mean], { ...at, symbol: 'diamond2', r: 3.5, fill: 'currentColor' }),
  ];
}
