import { ShapeError } from '@refusion/core';
import Table from 'cli-table3';
import { printable } from './printable.js';

/** Which side of its column a cell keeps to. */
export type Alignment = 'left' | 'right';

/** How a table is laid out. */
export interface TableOptions {
  /** One for each column; those beyond its end are `left`. */
  readonly align?: readonly Alignment[];
}

type Row = readonly string[];

/**
 * A table with ruled lines for a terminal, without colour. Cells are shown as `printable` makes them.
 * @throws ShapeError if a row has more or fewer cells than the head.
 */
export function formatTable(head: Row, rows: readonly Row[], { align = [] }: TableOptions = {}): string {
  expectCells('formatTable', head, rows);
  const table = new Table({
    head: head.map(printable),
    colAligns: head.map((_, column) => align[column] ?? 'left'),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => row.map(printable)));
  return table.toString();
}

/**
 * A table in GitHub's Markdown, whose cells are Markdown too: text from elsewhere goes through `escapeMarkdown` first.
 * @throws ShapeError if a row has more or fewer cells than the head.
 */
export function formatMarkdown(head: Row, rows: readonly Row[], { align = [] }: TableOptions = {}): string {
  expectCells('formatMarkdown', head, rows);
  const rule = head.map((_, column) => (align[column] === 'right' ? '---:' : '---'));
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head.map(inMarkdown)), line(rule), ...rows.map((row) => line(row.map(inMarkdown)))].join('\n');
}

/** What would break a table. A bar after an odd number of backslashes is escaped already. */
function inMarkdown(cell: string): string {
  return cell.replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|').replace(/\r?\n/g, '<br>');
}

/**
 * Text as Markdown of one line that shows it as it is: what would be markup, in GitHub's Markdown too, is escaped, and line
 * breaks become spaces.
 */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|~&$]/g, '\\$&')
    .replace(/^(\s*\d*)([-+#=.)])/, '$1\\$2');
}

/**
 * A table as comma-separated values (RFC 4180): lines end with CR LF, and a cell with a comma, a quote or a line break
 * is quoted.
 * @throws ShapeError if a row has more or fewer cells than the head.
 */
export function formatCsv(head: Row, rows: readonly Row[]): string {
  expectCells('formatCsv', head, rows);
  return [head, ...rows].map((row) => `${row.map(inCsv).join(',')}\r\n`).join('');
}

function inCsv(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function expectCells(where: string, head: Row, rows: readonly Row[]): void {
  rows.forEach((row, index) => {
    if (row.length !== head.length) {
      throw new ShapeError(
        `${where}: row ${index} must have ${head.length} cells as the head, got ${row.length}`,
      );
    }
  });
}
