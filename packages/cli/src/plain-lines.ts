import type { Display, ProgressStream } from './display.js';

/**
 * Progress for pipes and files: `train: 120/600, 3.2/s, 2 min 30 s left, loss 0.12`, at most once in so many
 * milliseconds.
 */
export function plainLines(stream: ProgressStream, label: string, total: number, interval: number): Display {
  let last = performance.now();
  return {
    update: ({ done, rate, left, text }) => {
      const now = performance.now();
      if (now - last < interval) return;
      last = now;
      const words = [`${label}: ${done}/${total}`, rate, left, text];
      stream.write(`${words.filter((word) => word !== '').join(', ')}\n`);
    },
    log: (line) => {
      stream.write(`${line}\n`);
    },
    clear: () => undefined,
  };
}
