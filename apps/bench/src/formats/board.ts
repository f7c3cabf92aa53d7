import {
  type DataSetResults,
  type MetricInfo,
  ofMetric,
  type Results,
  type Summary,
} from '../results/results.js';
import { type Standing, scoreText, standingsOf } from '../results/standings.js';

/** What of the results is shown, and how exactly. */
export interface BoardOptions {
  /** Whether each image's scores stand above their means. */
  readonly perImage: boolean;
  /** Whether deviations, medians, intervals and tests are shown. */
  readonly stats: boolean;
  /** The number of decimal places. */
  readonly digits: number;
}

/** A table of one data set, before it is laid out in some format. */
export interface Board {
  readonly title: string;
  readonly head: readonly Heading[];
  readonly rows: readonly BoardRow[];
}

/** A column of numbers. */
export interface Heading {
  readonly name: string;
  readonly better: MetricInfo['better'];
}

export interface BoardRow {
  readonly method: string;
  /** What its numbers are: the stem of an image, `mean of 25`. */
  readonly label: string;
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly text: string;
  readonly standing: Standing;
}

const RANK: Heading = { name: 'rank', better: 'lower' };

/** The rows of a data set's methods: their means and, where they are asked for, what these are made of. */
export function boardOf(dataSet: DataSetResults, { metrics }: Results, options: BoardOptions): Board {
  const { digits } = options;
  const ranked = dataSet.methods.some(({ meanRank }) => meanRank !== null);
  const standings = metrics.map((metric) => standingsOf(dataSet, metric, digits));
  const plain = (values: readonly number[]): Cell[] => [
    ...values.map((value) => ({ text: scoreText(value, digits), standing: null })),
    ...(ranked ? [{ text: '', standing: null }] : []),
  ];
  const rows = dataSet.methods.flatMap((method, index): BoardRow[] => {
    const summaries = metrics.map(({ id }) => ofMetric(method.summary, id));
    const means = summaries.map(({ mean }, column) => ({
      text: scoreText(mean, digits),
      standing: standings[column]?.[index] ?? null,
    }));
    const rank = ranked ? [{ text: rankText(method.meanRank), standing: null }] : [];
    const images = dataSet.pairs.map(({ stem }, image) => ({
      label: stem,
      cells: plain(metrics.map(({ id }) => ofMetric(method.scores, id)[image] as number)),
    }));
    const details = DETAILS.map(({ label, of }) => ({ label, cells: plain(summaries.map(of)) }));
    return [
      ...(options.perImage ? images : []),
      { label: `mean of ${dataSet.pairs.length}`, cells: [...means, ...rank] },
      ...(options.stats ? details : []),
    ].map((row) => ({ method: method.name, ...row }));
  });
  const head = metrics.map(({ id, better }) => ({ name: id, better }));
  return { title: dataSet.name, head: ranked ? [...head, RANK] : head, rows };
}

const DETAILS: readonly { label: string; of: (summary: Summary) => number }[] = [
  { label: 'sd', of: ({ sd }) => sd },
  { label: 'median', of: ({ median }) => median },
  { label: '95 % from', of: ({ interval }) => interval[0] },
  { label: '95 % to', of: ({ interval }) => interval[1] },
];

function rankText(rank: number | null): string {
  return rank === null ? '' : rank.toFixed(2);
}
