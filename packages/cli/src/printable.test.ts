import { expect, it } from 'vitest';
import { errorLine, printable } from './index.js';
import { formatTable } from './table.js';

const ESC = '\u001b';

it('shows what a terminal would obey, and leaves all other text as it is', () => {
  expect(printable(`a${ESC}[31mred${ESC}[0m\u0007 \u202egnp.exe`)).toBe(
    'a\ufffd[31mred\ufffd[0m\ufffd \ufffdgnp.exe',
  );
  expect(printable('two\r\n  lines\tand a tab')).toBe('two lines and a tab');
  expect(printable('Größe 夜 👩‍🔬 "*_<|"')).toBe('Größe 夜 👩‍🔬 "*_<|"');
});

it('holds for errors and tables', () => {
  expect(errorLine(new Error('x'), `${ESC}]0;title`)).toMatch(/^error: \ufffd\]0;title: x/);
  expect(formatTable([`a${ESC}[2J`], [['b\u009b1m']])).toMatch(/a\ufffd\[2J[\s\S]*b\ufffd1m/);
});
