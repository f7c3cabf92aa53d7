import { formatCsv, formatMarkdown, formatTable } from '@refusion/cli';
import { toJson } from '../json.js';
import { boardTable, type TableStyle } from './board-table.js';
import type { MethodScores, ScoreBoard } from './scores.js';

const TERMINAL: TableStyle = {
  layOut: formatTable,
  best: (text) => `* ${text}`,
  legend: '* best mean',
};

const MARKDOWN: TableStyle = {
  layOut: formatMarkdown,
  best: (text) => `**${text}**`,
  legend: 'bold: best mean',
};

/** The names of the formats that scores are written in. */
export const FORMAT_NAMES = ['table', 'csv', 'json', 'md'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** Writes a board down. `perImage` is for tables; CSV and JSON hold every image's scores anyway. */
type BoardFormat = (board: ScoreBoard, perImage: boolean) => string;

export const FORMATS: { readonly [name in FormatName]: BoardFormat } = {
  table: (board, perImage) => boardTable(board, { style: TERMINAL, perImage }),
  csv,
  json,
  md: (board, perImage) => boardTable(board, { style: MARKDOWN, perImage }),
};

/** A row for each image and, named `mean`, one for the means; all digits. */
function csv({ metrics, methods }: ScoreBoard): string {
  const rows = methods.flatMap(({ name, images, means }) => [
    ...images.map(({ stem, values }) => [name, stem, ...values.map(String)]),
    [name, 'mean', ...means.map(({ value }) => String(value))],
  ]);
  return formatCsv(['method', 'image', ...metrics.map(({ id }) => id)], rows);
}

/** `{ convention, methods: { NAME: { mean: { EN }, images: { stem: { EN } } } } }` */
function json({ convention, metrics, methods }: ScoreBoard): string {
  const byMetric = (values: readonly number[]): object =>
    Object.fromEntries(metrics.map(({ id }, column) => [id, values[column]]));
  const entry = ({ name, images, means }: MethodScores): [string, object] => {
    const byStem = Object.fromEntries(images.map(({ stem, values }) => [stem, byMetric(values)]));
    return [name, { mean: byMetric(means.map(({ value }) => value)), images: byStem }];
  };
  return toJson({ convention, methods: Object.fromEntries(methods.map(entry)) }, 2);
}
