import { SingleBar } from 'cli-progress';
import type { Display, ProgressStream, Status } from './display.js';

/** Progress for a terminal: a bar that is redrawn in place. */
export function terminalBar(stream: ProgressStream, label: string, total: number, initial: number): Display {
  const bar = new SingleBar({
    stream,
    format: '{label} [{bar}] {value}/{total} {rate} {left} {text}',
    barsize: 24,
    clearOnComplete: true,
    // Cut to the terminal's width; turning its wrapping off instead would outlive a crash.
    linewrap: true,
  });
  let status: Status = { done: initial, rate: '', left: '', text: '' };
  const start = (): void => bar.start(total, status.done, { label, ...status });
  start();
  return {
    update: (now) => {
      status = now;
      bar.update(now.done, { label, ...now });
    },
    log: (line) => {
      bar.stop();
      stream.write(`${line}\n`);
      start();
    },
    clear: () => bar.stop(),
  };
}
