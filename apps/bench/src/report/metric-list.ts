import { type MetricInfo, type Results, STATISTICS } from '../results/results.js';
import { type Html, html } from './html.js';

const OVER_SOURCES: Readonly<Record<MetricInfo['combine'], string>> = {
  none: 'of the fused picture alone',
  sum: 'sum over both sources',
  mean: 'mean over both sources',
  weighted: 'weighted over both sources',
  truth: 'against the ground truth',
};

/** What the metrics are, in the words of their descriptors. */
export function metricList({ convention, metrics }: Results): Html {
  const items = metrics.map(
    ({ id, name, unit, better, combine, reference, undefinedWhere }) => html`<div><dt>${id}</dt>
<dd>${name}${unit === '1' ? '' : html` in ${unit}`}, ${OVER_SOURCES[combine]}; ${better} is better. ${reference}.
${undefinedWhere && html`No number, or none with a meaning: ${undefinedWhere}.`}</dd></div>\n`,
  );
  return html`<p>Definitions of the <i>${convention}</i> convention, as @refusion/metrics has them.</p>
<dl>${items}</dl>
<p class="small">Intervals: ${STATISTICS.interval} (${STATISTICS.resamples} resamples, seed ${STATISTICS.seed}). Tests: ${STATISTICS.test};
${STATISTICS.correction}. Scores that are not finite are left out of means, and said so.</p>`;
}
