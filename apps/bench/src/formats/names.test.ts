import { describe, expect, it } from 'vitest';
import { resultsOf } from '../results/test-results.js';
import type { BoardOptions } from './board.js';
import { FORMATS } from './formats.js';

const plain: BoardOptions = { perImage: false, stats: false, digits: 3 };

describe('names from elsewhere', () => {
  const names = ['*a*_b_', '<b>c</b>|`d`', '=1+2', '\u001b[31me--f'] as const;
  const odd = resultsOf(
    Object.fromEntries(names.map((name, i) => [name, [[i, -i] as const, [i + 1, i] as const]])),
    { name: '+data', notes: ['-x_y_ is left out.'] },
  );
  const all = { ...plain, stats: true, perImage: true };

  it('do nothing on a terminal', () => {
    const text = FORMATS.table(odd, all);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text).toContain('\ufffd[31me--f');
  });

  it('are no markup in Markdown', () => {
    const text = FORMATS.md({ ...odd, dataSets: [...odd.dataSets, ...odd.dataSets] }, all);
    expect(text).toContain('| \\*a\\*\\_b\\_ | mean of 2 |');
    expect(text).toContain('| \\<b\\>c\\</b\\>\\|\\`d\\` | mean of 2 |');
    expect(text).toContain('\n\\-x\\_y\\_ is left out.\n');
    expect(text).toContain('### \\+data\n');
    // The tests name methods too.
    expect(text).not.toMatch(/[^\\]<b|[^\\*]\*a/);
  });

  it('are no formulas in a spreadsheet, and numbers stay numbers', () => {
    const rows = FORMATS.csv(odd, all).split('\r\n');
    expect(rows).toContain("'+data,'=1+2,image,image1,3,2,");
    expect(rows).toContain("'+data,*a*_b_,image,image0,0,0,");
    expect(rows).toContain("'+data,<b>c</b>|`d`,image,image0,1,-1,");
    expect(rows).toContain("'+data,,note,'-x_y_ is left out.,,,");
  });

  it('are no commands in LaTeX', () => {
    const text = FORMATS.latex(odd, all);
    expect(text).toContain('\n{}*a*\\_b\\_ & ');
    const bracket = FORMATS.latex(resultsOf({ '[1] p': [[1, 2]] }), plain);
    expect(bracket).toContain('\n{}[1] p & ');
    expect(text).toContain('\\textless{}b\\textgreater{}c\\textless{}/b\\textgreater{}\\textbar{}`d` & ');
    expect(text).toContain('?[31me-{}-f & ');
  });
});
