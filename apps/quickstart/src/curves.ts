import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A line of `log.jsonl`, as far as the curves need it. */
interface LogLine {
  readonly type: 'meta-step' | 'fusion-update';
  readonly fusion: { readonly total: number; readonly intensity: number };
  readonly objective: { readonly total: number };
  readonly outer?: { readonly total: number };
}

/** One curve of a page: what it shows, and a value for each update. */
export interface Curve {
  readonly title: string;
  readonly note: string;
  readonly values: readonly number[];
}

/** The losses of a training, from its log. */
export async function lossCurves(log: string): Promise<Curve[]> {
  const text = await readFile(log, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
  const meta = lines.filter(({ type }) => type === 'meta-step');
  const updates = lines.filter(({ type }) => type === 'fusion-update');
  return [
    {
      title: 'outer loss',
      note: 'meta-steps: how badly the sources are reconstructed after F took a step by the proposed loss',
      values: meta.map(({ outer }) => outer?.total ?? Number.NaN),
    },
    {
      title: 'fusion loss, intensity part',
      note: 'fusion updates of F, by the loss that P proposes',
      values: updates.map(({ fusion }) => fusion.intensity),
    },
    {
      title: 'reconstruction loss',
      note: 'updates of R',
      values: updates.map(({ objective }) => objective.total),
    },
  ];
}

/** uPlot's script and style, for a page that loads nothing from elsewhere. */
export async function plotLibrary(): Promise<{ script: string; style: string }> {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const [script, style] = await Promise.all(
    ['uPlot.iife.min.js', 'uPlot.min.css'].map((file) => readFile(join(folder, 'dist', file), 'utf8')),
  );
  return { script: script as string, style: style as string };
}

/** The script that draws curves into the elements `curve-0`, `curve-1`, ...: each value faint, its running mean bold. */
export function curvesScript(curves: readonly Curve[]): string {
  const series = curves.map(({ values }) => [
    values.map((_value, i) => i + 1),
    values,
    runningMean(values, 10),
  ]);
  return `
const curves = ${JSON.stringify(series)};
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const axis = { stroke: dark ? '#bbb' : '#555', grid: { stroke: dark ? '#333' : '#eee' } };
curves.forEach((data, i) => {
  const at = document.getElementById('curve-' + i);
  new uPlot({
    width: at.clientWidth, height: 220, legend: { show: false }, scales: { x: { time: false } },
    axes: [axis, { ...axis, size: 64 }],
    series: [{}, { stroke: '#9ab', width: 1, points: { show: false } }, { stroke: '#d9480f', width: 2.5, points: { show: false } }],
  }, data, at);
});`;
}

/** The mean of each value and those up to `reach` before and after it. */
export function runningMean(values: readonly number[], reach: number): number[] {
  return values.map((_value, i) => {
    const near = values.slice(Math.max(0, i - reach), i + reach + 1);
    return near.reduce((total, value) => total + value, 0) / near.length;
  });
}
