import type { DataSetResults, Results } from '../results/results.js';
import { type Board, type BoardOptions, boardOf, type Cell } from './board.js';
import { notesOf, STATS_LEGEND } from './notes.js';

const ARROWS = { higher: '$\\uparrow$', lower: '$\\downarrow$' } as const;

/**
 * A `tabular` for LaTeX with the package booktabs: the best mean bold, the second underlined. Several data sets stand
 * below each other. What must be known beside the numbers is in comments, for the caption.
 */
export function latexText(results: Results, options: BoardOptions): string {
  const boards = results.dataSets.map((dataSet) => boardOf(dataSet, results, options));
  const labelled = options.perImage || options.stats;
  const head = boards.reduce(
    (widest, board) => (board.head.length > widest.length ? board.head : widest),
    [] as Board['head'],
  );
  const names = head.map(({ name, better }) => `${escapeLatex(name)} ${ARROWS[better]}`);
  const columns = (labelled ? 2 : 1) + head.length;
  const groups = boards.map((board, index) => {
    const dataSet = results.dataSets[index] as DataSetResults;
    const title = `${escapeLatex(board.title)} (${dataSet.pairs.length} pairs)`;
    const rows = board.rows.map(({ method, label, cells }) =>
      line([
        escapeLatex(method),
        ...(labelled ? [escapeLatex(label)] : []),
        ...padded(cells, head.length).map(cellText),
      ]),
    );
    return [...(boards.length > 1 ? [`\\multicolumn{${columns}}{l}{${title}} \\\\`] : []), ...rows].join(
      '\n',
    );
  });
  return [
    ...comments(results, options),
    `\\begin{tabular}{l${labelled ? 'l' : ''}${'r'.repeat(head.length)}}`,
    '\\toprule',
    line(['Method', ...(labelled ? ['Image'] : []), ...names]),
    '\\midrule',
    groups.join('\n\\midrule\n'),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function comments(results: Results, { stats }: BoardOptions): string[] {
  const several = results.dataSets.length > 1;
  const notes = results.dataSets.flatMap((dataSet) =>
    notesOf(dataSet, results).map((note) => (several ? `${dataSet.name}: ${note}` : note)),
  );
  const lines = [
    'Needs \\usepackage{booktabs}.',
    `Convention ${results.convention}; bold: best mean, underlined: second; rank: mean over the metrics.`,
    ...results.dataSets.map(({ name, pairs }) => `${name}: means over ${pairs.length} pairs.`),
    ...(stats ? [`${STATS_LEGEND}.`] : []),
    ...notes,
    ...results.notes,
  ];
  return lines.map((text) => `% ${text.replace(/[\r\n]+/g, ' ')}`);
}

function line(cells: readonly string[]): string {
  return `${cells.join(' & ')} \\\\`;
}

/** Where one data set is ranked and another is not. */
function padded(cells: readonly Cell[], length: number): readonly Cell[] {
  return [
    ...cells,
    ...Array.from({ length: length - cells.length }, (): Cell => ({ text: '', standing: null })),
  ];
}

function cellText({ text, standing }: Cell): string {
  const number = text.replace(/^-/, '$-$').replace('Infinity', '$\\infty$');
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
};

/** Text with every character that LaTeX would take as a command, or print as another, written out. */
export function escapeLatex(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\~^<>|&%$#_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`);
}
