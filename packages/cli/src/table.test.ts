import { ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { formatCsv, formatMarkdown, formatTable } from './table.js';

const head = ['method', 'EN'];
const rows = [
  ['average', '6.51'],
  ['ours, "best"', '7.1'],
];
const align = ['left', 'right'] as const;

describe('formatTable', () => {
  it('rules lines, keeps to the sides asked for, and has no colour', () => {
    expect(formatTable(head, rows, { align })).toBe(
      [
        '┌──────────────┬──────┐',
        '│ method       │   EN │',
        '├──────────────┼──────┤',
        '│ average      │ 6.51 │',
        '├──────────────┼──────┤',
        '│ ours, "best" │  7.1 │',
        '└──────────────┴──────┘',
      ].join('\n'),
    );
  });
});

describe('formatMarkdown', () => {
  it('writes a table with its alignment', () => {
    expect(formatMarkdown(head, rows, { align })).toBe(
      '| method | EN |\n| --- | ---: |\n| average | 6.51 |\n| ours, "best" | 7.1 |',
    );
  });

  it('escapes what would break a cell', () => {
    expect(formatMarkdown(['a|b'], [['x\\|y'], ['1\n2']])).toBe(
      '| a\\|b |\n| --- |\n| x\\\\\\|y |\n| 1<br>2 |',
    );
  });
});

describe('formatCsv', () => {
  it('quotes as RFC 4180 says', () => {
    expect(formatCsv(head, [...rows, ['two\r\nlines', '']])).toBe(
      'method,EN\r\naverage,6.51\r\n"ours, ""best""",7.1\r\n"two\r\nlines",\r\n',
    );
  });
});

it.each([formatTable, formatMarkdown, formatCsv])('%o refuses a row that does not fit its head', (format) => {
  expect(() => format(['a', 'b'], [['1', '2'], ['1']])).toThrow(ShapeError);
  expect(() => format(['a', 'b'], [['1', '2'], ['1']])).toThrow('row 1 must have 2 cells as the head, got 1');
});
