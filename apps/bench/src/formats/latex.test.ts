import { describe, expect, it } from 'vitest';
import { resultsOf } from '../results/test-results.js';
import type { BoardOptions } from './board.js';
import { FORMATS } from './formats.js';
import { escapeLatex } from './latex.js';

const plain: BoardOptions = { perImage: false, stats: false, digits: 3 };
const complete = resultsOf({ p: [[1, 9]], q: [[3, -2]], r: [[2, 0.5]] });

describe('latex', () => {
  it('has the tests where it is asked to, below the scores', () => {
    const two = resultsOf({
      p: [
        [1, 5],
        [3, 5],
      ],
      q: [
        [2, 7],
        [6, 6],
      ],
    });
    const text = FORMATS.latex(two, { ...plain, stats: true });
    expect(text.split('\\end{tabular}')[1]?.split('\n')).toEqual([
      '',
      '',
      '\\begin{tabular}{lllrrrrrr}',
      '\\toprule',
      'metric & best & against & difference & 95 \\% from & 95 \\% to & p & p (Holm, best) & p (Holm, all) \\\\',
      '\\midrule',
      'EN & q & p & 2.000 & 1.000 & 3.000 & 0.50 & 0.50 & 0.50 \\\\',
      'SCD & q & p & 1.500 & 1.000 & 2.000 & 0.50 & 0.50 & 0.50 \\\\',
      '\\bottomrule',
      '',
    ]);
    expect(text).toMatch(/% p: Wilcoxon signed-rank test .*\(all\)\.\n% Too few images/);
    expect(FORMATS.latex(two, plain)).not.toContain('metric & best');
    expect(FORMATS.latex(resultsOf({ p: [[1, 2]] }), { ...plain, stats: true })).not.toMatch(
      /Wilcoxon|against/,
    );
  });

  it('is a tabular with arrows, the best bold and the second underlined', () => {
    const noted = resultsOf({ 'p_1&2': [[1, 9]], q: [[3, -2]], r: [[2, 0.5]] }, { notes: ['50 % less.'] });
    expect(FORMATS.latex(noted, plain).split('\n')).toEqual([
      '% Needs \\usepackage{booktabs}.',
      '% Convention evaluator; bold: best mean, underlined: second; rank: mean over the metrics.',
      '% data: means over 1 pairs.',
      '% 50 % less.',
      '\\begin{tabular}{lrrr}',
      '\\toprule',
      'Method & EN $\\uparrow$ & SCD $\\uparrow$ & rank $\\downarrow$ \\\\',
      '\\midrule',
      'p\\_1\\&2 & 1.000 & \\textbf{9.000} & 2.00 \\\\',
      'q & \\textbf{3.000} & $-$2.000 & 2.00 \\\\',
      'r & \\underline{2.000} & \\underline{0.500} & 2.00 \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '',
    ]);
  });

  it('groups data sets below their names', () => {
    const [one] = resultsOf({ p: [[5, 6]] }, { name: 'T&O' }).dataSets;
    const both = { ...complete, dataSets: [...(one ? [one] : []), ...complete.dataSets] };
    const lines = FORMATS.latex(both, { ...plain, perImage: true }).split('\n');
    expect(lines).toContain('\\multicolumn{5}{l}{T\\&O (1 pairs)} \\\\');
    expect(lines).toContain('p & mean of 1 & 5.000 & 6.000 &  \\\\');
    expect(lines.filter((line) => line === '\\midrule')).toHaveLength(2);
    // Every row has as many cells as the head.
    const rows = lines.filter((line) => line.endsWith('\\\\') && !line.startsWith('\\multicolumn'));
    expect(new Set(rows.map((row) => row.split(/(?<!\\)&/).length))).toEqual(new Set([5]));
  });

  it('escapes what LaTeX would take as commands', () => {
    expect(escapeLatex('a_b^{2} ~ 5% & $x$ #1 \\ <|>\n.')).toBe(
      'a\\_b\\textasciicircum{}\\{2\\} \\textasciitilde{} 5\\% \\& \\$x\\$ \\#1 \\textbackslash{} \\textless{}\\textbar{}\\textgreater{} .',
    );
  });
});
