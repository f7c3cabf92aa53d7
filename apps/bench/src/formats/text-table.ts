import { type Alignment, escapeMarkdown, formatMarkdown, formatTable, printable } from '@refusion/cli';
import type { DataSetResults, Results } from '../results/results.js';
import type { Standing } from '../results/standings.js';
import { type BoardOptions, boardOf } from './board.js';
import { notesOf, STATS_LEGEND, testNotes } from './notes.js';
import { TESTS_HEAD, TESTS_LEGEND, TESTS_NAMES, testRows } from './tests-board.js';

/** How tables look where they are shown as text. */
interface TextStyle {
  readonly layOut: typeof formatTable;
  /** Names and sentences as they are, whatever is in them. */
  readonly plain: (text: string) => string;
  readonly title: (name: string) => string;
  readonly mark: (text: string, standing: Standing) => string;
  readonly legend: { readonly best: string; readonly second: string };
  /** Notes are paragraphs in Markdown, where lines would run together. */
  readonly between: string;
}

const TERMINAL: TextStyle = {
  layOut: formatTable,
  plain: printable,
  title: printable,
  mark: (text, standing) => (standing === null ? text : `${standing === 'best' ? '*' : '+'} ${text}`),
  legend: { best: '* best mean', second: '+ second' },
  between: '\n',
};

const MARKDOWN: TextStyle = {
  layOut: formatMarkdown,
  plain: escapeMarkdown,
  title: (name) => `### ${escapeMarkdown(name)}`,
  mark: (text, standing) => (standing === null ? text : standing === 'best' ? `**${text}**` : `*${text}*`),
  legend: { best: 'bold: best mean', second: 'italic: second' },
  between: '\n\n',
};

/** Ruled tables for a terminal. */
export function terminalText(results: Results, options: BoardOptions): string {
  return textOf(results, options, TERMINAL);
}

/** Tables in GitHub's Markdown. */
export function markdownText(results: Results, options: BoardOptions): string {
  return textOf(results, options, MARKDOWN);
}

/** Tables, each with the notes on it, and at the end what all of them mean. */
function textOf(results: Results, options: BoardOptions, style: TextStyle): string {
  const sets = results.dataSets.map((dataSet) => dataSetText(dataSet, results, { options, style }));
  const notes = results.notes.map(style.plain);
  const last = [notes, legendOf(results, options, style)].map((lines) => lines.join(style.between));
  return `${[...sets, ...last.filter((text) => text !== '')].join('\n\n')}\n`;
}

const ARROWS = { higher: '↑', lower: '↓' } as const;

function dataSetText(
  dataSet: DataSetResults,
  results: Results,
  { options, style }: { options: BoardOptions; style: TextStyle },
): string {
  const { title, head, rows } = boardOf(dataSet, results, options);
  const names = ['method', 'image', ...head.map(({ name, better }) => `${name} ${ARROWS[better]}`)];
  const texts = rows.map(({ method, label, cells }) => [
    style.plain(method),
    style.plain(label),
    ...cells.map(({ text, standing }) => style.mark(text, standing)),
  ]);
  const align: Alignment[] = ['left', 'left', ...head.map((): Alignment => 'right')];
  const tests = options.stats ? testRows(dataSet, results, options.digits) : [];
  const testTexts = tests.map((row) =>
    row.map((text, column) => (column < TESTS_NAMES ? style.plain(text) : text)),
  );
  const testsAlign: Alignment[] = TESTS_HEAD.map((_, column) => (column < TESTS_NAMES ? 'left' : 'right'));
  const onTests = options.stats ? testNotes(dataSet, results.metrics) : [];
  const notes = [...notesOf(dataSet, results), ...onTests].map(style.plain);
  return [
    ...(results.dataSets.length > 1 ? [style.title(title)] : []),
    style.layOut(names, texts, { align }),
    ...(tests.length > 0 ? [style.layOut(TESTS_HEAD, testTexts, { align: testsAlign })] : []),
    ...(notes.length > 0 ? [notes.join(style.between)] : []),
  ].join('\n\n');
}

function legendOf({ convention, dataSets }: Results, { stats }: BoardOptions, style: TextStyle): string[] {
  const most = Math.max(...dataSets.map(({ methods }) => methods.length));
  const marks = [
    ...(most > 1 ? [style.legend.best] : []),
    ...(most > 2 ? [style.legend.second] : []),
    ...(most > 1 ? ['rank: mean over the metrics'] : []),
  ];
  return [
    [`convention ${convention}; ↑ higher is better, ↓ lower is better`, ...marks].join(', '),
    ...(stats ? [STATS_LEGEND] : []),
    ...(stats && most > 1 ? [TESTS_LEGEND] : []),
  ];
}
