import { ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, formatCsv, formatMarkdown, formatTable } from './table.js';

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

  it('escapes what would break a cell, unless it is escaped', () => {
    expect(formatMarkdown(['a|b'], [['x\\|y'], ['x\\\\|y'], ['1\n2']])).toBe(
      '| a\\|b |\n| --- |\n| x\\|y |\n| x\\\\\\|y |\n| 1<br>2 |',
    );
  });

  it('leaves markup to those who want it, and escapes text for the others', () => {
    expect(formatMarkdown(['**a**'], [[escapeMarkdown('**a**_<b>|`c`\\&amp;[d](e)~$f$')]])).toBe(
      '| **a** |\n| --- |\n| \\*\\*a\\*\\*\\_\\<b\\>\\|\\`c\\`\\\\\\&amp;\\[d\\](e)\\~\\$f\\$ |',
    );
  });
});

it('escapeMarkdown leaves plain sentences as they are, and no line that starts a list or a heading', () => {
  const plain = 'EN of ours (v2): 7 of 8 images, e.g. 00123-b + c = d!';
  expect(escapeMarkdown(plain)).toBe(plain);
  expect(['# a', '- a', '1. a', ' 2) a', '===', 'two\nlines'].map(escapeMarkdown)).toEqual([
    '\\# a',
    '\\- a',
    '1\\. a',
    ' 2\\) a',
    '\\===',
    'two lines',
  ]);
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
