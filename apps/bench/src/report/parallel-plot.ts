import { dot, line, type Markish, ruleX, text } from '@observablehq/plot';
import { type DataSetResults, type MetricInfo, ofMetric } from '../results/results.js';
import { scoreText } from '../results/standings.js';
import { ARROWS } from './arrows.js';
import type { Html } from './html.js';
import { methodStyle } from './method-style.js';
import { plotSvg } from './plot-svg.js';

/** The width of the whole, the least and the greatest of an axis's surroundings, and the height of the axes, in pixels. */
const [WIDTH, NARROW, BROAD, HEIGHT] = [1150, 84, 170, 250];
/** Between the intervals of neighbouring methods on an axis. */
const APART = 5;

/** The values at the two ends of a metric's axis: the worst and the best ends of the methods' intervals. */
interface Axis {
  readonly metric: string;
  readonly worst: number;
  readonly best: number;
}

/**
 * The methods' means as lines across an axis for each metric, the better end up: from the worst end of an interval to
 * the best. A mean that is no number interrupts its line.
 * @returns null where there is nothing to compare: one method, or one metric
 */
export function parallelPlot(
  dataSet: DataSetResults,
  metrics: readonly MetricInfo[],
  digits: number,
): Html | null {
  const axes = metrics.flatMap((metric) => axisOf(dataSet, metric));
  if (axes.length < 2 || dataSet.methods.length < 2) return null;
  const ends = (value: (axis: Axis) => number) => (axis: Axis) => scoreText(value(axis), digits);
  const names = metrics.map(({ id, better }) => [id, `${id} ${ARROWS[better]}`]);
  const titles = Object.fromEntries(names);
  return plotSvg(`Means of ${dataSet.name} by metric, the better end up; the table has the numbers`, {
    width: axes.length * Math.min(BROAD, Math.max(NARROW, WIDTH / axes.length)),
    height: HEIGHT + 70,
    marginTop: 44,
    marginBottom: 26,
    x: { type: 'point', domain: axes.map(({ metric }) => metric), axis: null, padding: 0.5 },
    y: { domain: [0, 1], axis: null },
    marks: [
      ruleX(axes, { x: 'metric', y1: 0, y2: 1, strokeOpacity: 0.35 }),
      text(axes, {
        x: 'metric',
        y: 1,
        dy: -30,
        text: ({ metric }) => titles[metric],
        fontWeight: 600,
        fontSize: 12,
      }),
      text(axes, { x: 'metric', y: 1, dy: -13, text: ends(({ best }) => best), fillOpacity: 0.7 }),
      text(axes, { x: 'metric', y: 0, dy: 13, text: ends(({ worst }) => worst), fillOpacity: 0.7 }),
      ...dataSet.methods.flatMap((_, place) => marksOf(dataSet, axes, place)),
    ],
  });
}

/** None where no method has a finite mean. */
function axisOf({ methods }: DataSetResults, { id, better }: MetricInfo): Axis[] {
  const ends = methods
    .flatMap(({ summary }) => {
      const { mean, interval } = ofMetric(summary, id);
      return [mean, ...interval];
    })
    .filter(Number.isFinite);
  if (ends.length === 0) return [];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return [
    better === 'higher' ? { metric: id, worst: low, best: high } : { metric: id, worst: high, best: low },
  ];
}

function marksOf({ methods }: DataSetResults, axes: readonly Axis[], place: number): Markish[] {
  const { color, dash, symbol } = methodStyle(place);
  const points = axes.map(({ metric, worst, best }) => {
    const { mean, interval } = ofMetric(methods[place]?.summary ?? {}, metric);
    // Where all are equal, they stand in the middle.
    const position = (value: number) => (best === worst ? 0.5 : (value - worst) / (best - worst));
    const [low, high] = interval.map(position);
    return { metric, mean: Number.isFinite(mean) ? position(mean) : Number.NaN, low, high };
  });
  const dx = (place - (methods.length - 1) / 2) * APART;
  return [
    ruleX(points, {
      x: 'metric',
      y1: 'low',
      y2: 'high',
      dx,
      stroke: color,
      strokeWidth: 3,
      strokeOpacity: 0.45,
    }),
    line(points, { x: 'metric', y: 'mean', stroke: color, strokeWidth: 2, strokeDasharray: dash }),
    dot(points, { x: 'metric', y: 'mean', symbol, fill: color, r: 4 }),
  ];
}
