import type { Alignment, formatTable } from '@refusion/cli';
import { bestMeans, scoreText } from './best-means.js';
import type { MethodScores, ScoreBoard } from './scores.js';

/** How a table looks: where it is shown, and how the best mean of a metric is marked. */
export interface TableStyle {
  readonly layOut: typeof formatTable;
  readonly best: (text: string) => string;
  readonly legend: string;
}

export interface TableOptions {
  readonly style: TableStyle;
  /** Whether each image's scores stand above their means. */
  readonly perImage: boolean;
}

const ARROWS = { higher: '↑', lower: '↓' } as const;

/** A board as a table, a row for each method's means, and below it what its reader must know. */
export function boardTable(board: ScoreBoard, { style, perImage }: TableOptions): string {
  const best = bestMeans(board);
  const head = ['method', 'image', ...board.metrics.map(({ id, better }) => `${id} ${ARROWS[better]}`)];
  const rows = board.methods.flatMap((method) => [
    ...(perImage ? imageRows(method) : []),
    meanRow(method, best, style),
  ]);
  const align: Alignment[] = ['left', 'left', ...board.metrics.map((): Alignment => 'right')];
  return [style.layOut(head, rows, { align }), '', ...notes(board, style), ''].join('\n');
}

function imageRows({ name, images }: MethodScores): string[][] {
  return images.map(({ stem, values }) => [name, stem, ...values.map(scoreText)]);
}

function meanRow({ name, images, means }: MethodScores, best: BestMeans, style: TableStyle): string[] {
  const cells = means.map(({ value }, column) => {
    const text = scoreText(value);
    return text === best[column] ? style.best(text) : text;
  });
  return [name, `mean of ${images.length}`, ...cells];
}

type BestMeans = ReturnType<typeof bestMeans>;

function notes({ convention, metrics, methods }: ScoreBoard, { legend }: TableStyle): string[] {
  const marks = methods.length > 1 ? `, ${legend}` : '';
  const partial = methods.flatMap(({ name, images, means }) =>
    means.flatMap(({ count }, column) =>
      count === images.length
        ? []
        : [
            `${metrics[column]?.id} of ${name}: the mean is over ${count} of ${images.length} images, no other is finite`,
          ],
    ),
  );
  return [`convention ${convention}; ↑ higher is better, ↓ lower is better${marks}`, ...partial];
}
