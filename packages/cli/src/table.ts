import { ShapeError } from '@refusion/core';
import Table from 'cli-table3';

/** Which side of its column a cell keeps to. */
export type Alignment = 'left' | 'right';

/** How a table is laid out. */
export interface TableOptions {
  /** One for each column; those beyond its end are `left`. */
  readonly align?: readonly Alignment[];
}

type Row = readonly string[];

/**
 * A table with ruled lines for a terminal, without colour.
 * @throws ShapeError if a row has more or fewer cells than the head.
 */
export function formatTable(head: Row, rows: readonly Row[], { align = [] }: TableOptions = {}): string {
  expectCells('formatTable', head, rows);
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => align[column] ?? 'left'),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/**
 * A table in GitHub's Markdown.
 * @throws ShapeError if a row has more or fewer cells than the head.
 */
export function formatMarkdown(head: Row, rows: readonly Row[], { align = [] }: TableOptions = {}): string {
  expectCells('formatMarkdown', head, rows);
  const rule = head.map((_, column) => (align[column] === 'right' ? '---:' : '---'));
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head.map(inMarkdown)), line(rule), ...rows.map((row) => line(row.map(inMarkdown)))].join('\n');
}

function inMarkdown(cell: string): string {
  return cell.replace(/[\\|]/g, '\\$&').replace(/\r?\n/g, '<br>');
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
