import type { Picture } from '@refusion/image-io';

/** Anything with the shape of a picture. */
export type Sized = Pick<Picture, 'shape'>;

/** A picture's size as people write it. */
export function sizeText({ shape: [height, width] }: Sized): string {
  return `${width}x${height}`;
}

/** How the size of a picture differs from the wanted one, and what that looks like: `10 rows fewer: cropped?` */
export function sizeDifference(
  { shape: [height, width] }: Sized,
  { shape: [wantedHeight, wantedWidth] }: Sized,
): string {
  if (height === wantedWidth && width === wantedHeight) return 'rows and columns are exchanged: turned?';
  const [rows, columns] = [height - wantedHeight, width - wantedWidth];
  return `${countsText(rows, columns)}: ${guess(rows / wantedHeight, columns / wantedWidth)}?`;
}

function countsText(rows: number, columns: number): string {
  const direction = (difference: number) => (difference < 0 ? 'fewer' : 'more');
  const count = (difference: number, what: string) =>
    `${Math.abs(difference)} ${what}${Math.abs(difference) === 1 ? '' : 's'}`;
  if (rows === 0) return `${count(columns, 'column')} ${direction(columns)}`;
  if (columns === 0) return `${count(rows, 'row')} ${direction(rows)}`;
  const same = direction(rows) === direction(columns);
  return `${count(rows, 'row')}${same ? '' : ` ${direction(rows)}`} and ${count(columns, 'column')} ${direction(columns)}`;
}

/** From the relative differences of height and width. A scaled picture keeps the ratio of its sides, nearly. */
function guess(rows: number, columns: number): string {
  const large = Math.abs(rows) > 0.1 && Math.abs(columns) > 0.1;
  if (large && Math.abs((1 + rows) / (1 + columns) - 1) < 0.02) return 'scaled';
  if (rows <= 0 && columns <= 0) return rows > -0.5 && columns > -0.5 ? 'cropped' : 'another picture';
  return rows >= 0 && columns >= 0 ? 'padded' : 'another picture';
}
