import { printable } from '@refusion/cli';
import type { DataSetResults, Results } from '../results/results.js';
import { type Board, type BoardOptions, boardOf, type Cell } from './board.js';
import { notesOf, STATS_LEGEND, testNotes } from './notes.js';
import { TESTS_HEAD, TESTS_LEGEND, TESTS_NAMES, testRows } from './tests-board.js';

const ARROWS = { higher: '$\\uparrow$', lower: '$\\downarrow$' } as const;

/**
 * A `tabular` for LaTeX with the package booktabs: the best mean bold, the second underlined. Several data sets stand
 * below each other; where tests are shown, they are a second `tabular`. What must be known beside the numbers is in
 * comments, for the caption.
 */
export function latexText(results: Results, options: BoardOptions): string {
  const tabulars = [
    scoresTabular(results, options),
    ...(options.stats ? testsTabular(results, options) : []),
  ];
  return `${comments(results, options).join('\n')}\n${tabulars.join('\n\n')}\n`;
}

function scoresTabular(results: Results, options: BoardOptions): string {
  const boards = results.dataSets.map((dataSet) => boardOf(dataSet, results, options));
  const labelled = options.perImage || options.stats;
  const head = boards.reduce(
    (widest, board) => (board.head.length > widest.length ? board.head : widest),
    [] as Board['head'],
  );
  const names = head.map(({ name, better }) => `${escapeLatex(name)} ${ARROWS[better]}`);
  const columns = (labelled ? 2 : 1) + head.length;
  const groups = boards.map((board, index) => {
    const rows = board.rows.map(({ method, label, cells }) =>
      line([
        escapeLatex(method),
        ...(labelled ? [escapeLatex(label)] : []),
        ...padded(cells, head.length).map(cellText),
      ]),
    );
    return [...titleOf(results, index, columns), ...rows].join('\n');
  });
  return tabular(
    `l${labelled ? 'l' : ''}${'r'.repeat(head.length)}`,
    ['Method', ...(labelled ? ['Image'] : []), ...names],
    groups,
  );
}

/** None where no test could be made. */
function testsTabular(results: Results, { digits }: BoardOptions): string[] {
  const groups = results.dataSets.flatMap((dataSet, index) => {
    const rows = testRows(dataSet, results, digits).map((row) =>
      line(row.map((text, column) => (column < TESTS_NAMES ? escapeLatex(text) : numberText(text)))),
    );
    return rows.length === 0 ? [] : [[...titleOf(results, index, TESTS_HEAD.length), ...rows].join('\n')];
  });
  const columns = TESTS_HEAD.map((_, column) => (column < TESTS_NAMES ? 'l' : 'r')).join('');
  return groups.length === 0 ? [] : [tabular(columns, TESTS_HEAD.map(escapeLatex), groups)];
}

/** A row with the name of a data set, where there are several. */
function titleOf({ dataSets }: Results, index: number, columns: number): string[] {
  const { name, pairs } = dataSets[index] as DataSetResults;
  if (dataSets.length === 1) return [];
  return [`\\multicolumn{${columns}}{l}{${escapeLatex(name)} (${pairs.length} pairs)} \\\\`];
}

function tabular(columns: string, head: readonly string[], groups: readonly string[]): string {
  return [
    `\\begin{tabular}{${columns}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    groups.join('\n\\midrule\n'),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

function comments(results: Results, { stats }: BoardOptions): string[] {
  const several = results.dataSets.length > 1;
  const notes = results.dataSets.flatMap((dataSet) =>
    [...notesOf(dataSet, results), ...(stats ? testNotes(dataSet, results.metrics) : [])].map((note) =>
      several ? `${dataSet.name}: ${note}` : note,
    ),
  );
  const tested = results.dataSets.some(({ comparisons }) => comparisons.length > 0);
  const lines = [
    'Needs \\usepackage{booktabs}.',
    `Convention ${results.convention}; bold: best mean, underlined: second; rank: mean over the metrics.`,
    ...results.dataSets.map(({ name, pairs }) => `${name}: means over ${pairs.length} pairs.`),
    ...(stats ? [`${STATS_LEGEND}.`] : []),
    ...(stats && tested ? [`${TESTS_LEGEND}.`] : []),
    ...notes,
    ...results.notes,
  ];
  return lines.map((text) => `% ${printable(text)}`);
}

/** A row. At its start a star or a bracket would be an option of the row break before it. */
function line(cells: readonly string[]): string {
  return `${cells.join(' & ').replace(/^[*[]/, '{}$&')} \\\\`;
}

/** Where one data set is ranked and another is not. */
function padded(cells: readonly Cell[], length: number): readonly Cell[] {
  return [
    ...cells,
    ...Array.from({ length: length - cells.length }, (): Cell => ({ text: '', standing: null })),
  ];
}

function numberText(text: string): string {
  return text
    .replace(/^-/, '$-$')
    .replace('Infinity', '$\\infty$')
    .replace(/e-(\d+)$/, '$\\cdot 10^{-$1}$$')
    .replace('–', '--');
}

function cellText({ text, standing }: Cell): string {
  const number = numberText(text);
  if (standing === null) return number;
  return standing === 'best' ? `\\textbf{${number}}` : `\\underline{${number}}`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\char34{}',
};

/** Text with every character that LaTeX would take as a command, or print as another, written out. */
export function escapeLatex(text: string): string {
  return printable(text)
    .replaceAll('\ufffd', '?')
    .replace(/[\\~^<>|"&%$#_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`)
    .replace(/-(?=-)|[?!](?=`)|`(?=`)|'(?=')/g, '$&{}');
}
