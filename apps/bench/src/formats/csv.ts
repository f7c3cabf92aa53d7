import { formatCsv } from '@refusion/cli';
import {
  type DataSetResults,
  type MethodResults,
  ofMetric,
  type Results,
  type Summary,
} from '../results/results.js';
import { notesOf } from './notes.js';

const SUMMARIES: readonly { row: string; of: (summary: Summary) => number }[] = [
  { row: 'mean', of: ({ mean }) => mean },
  { row: 'sd', of: ({ sd }) => sd },
  { row: 'median', of: ({ median }) => median },
  { row: 'low', of: ({ interval }) => interval[0] },
  { row: 'high', of: ({ interval }) => interval[1] },
];

/**
 * All digits, but not the tests. The column `row` says what a row is: `image`, the scores of the image that the column `image` names; `mean`,
 * `sd`, `median`, `low` and `high` of a method; or `note`, a sentence in place of a name. A name that a spreadsheet would take for a formula has an
 * apostrophe before it.
 */
export function csvText(results: Results): string {
  const { metrics, dataSets, notes } = results;
  const noteRow = (name: string, note: string) => [
    asText(name),
    '',
    'note',
    asText(note),
    ...metrics.map(() => ''),
    '',
  ];
  const head = ['dataset', 'method', 'row', 'image', ...metrics.map(({ id }) => id), 'rank'];
  const rows = dataSets.flatMap((dataSet) => [
    ...dataSet.methods.flatMap((method) => methodRows(dataSet, method, results)),
    ...notesOf(dataSet, results).map((note) => noteRow(dataSet.name, note)),
  ]);
  return formatCsv(head, [...rows, ...notes.map((note) => noteRow('', note))]);
}

function methodRows(
  { name, pairs }: DataSetResults,
  method: MethodResults,
  { metrics }: Results,
): string[][] {
  const images = pairs.map(({ stem }, index) => {
    const scores = metrics.map(({ id }) => String(ofMetric(method.scores, id)[index]));
    return [asText(name), asText(method.name), 'image', asText(stem), ...scores, ''];
  });
  const summaries = SUMMARIES.map(({ row, of }) => {
    const values = metrics.map(({ id }) => String(of(ofMetric(method.summary, id))));
    const rank = row === 'mean' && method.meanRank !== null ? String(method.meanRank) : '';
    return [asText(name), asText(method.name), row, '', ...values, rank];
  });
  return [...images, ...summaries];
}

/** Spreadsheets compute what starts like a formula, in a quoted cell too. */
function asText(name: string): string {
  return /^[=+\-@\t\r]/.test(name) ? `'${name}` : name;
}
