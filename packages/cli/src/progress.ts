import { expectInteger } from '@refusion/core';
import type { ProgressStream } from './display.js';
import { formatDuration, formatRate } from './duration.js';
import { oneLine } from './error-line.js';
import { plainLines } from './plain-lines.js';
import { terminalBar } from './terminal-bar.js';

/** The least time between two plain lines, in milliseconds: a log of hours of work stays readable. */
const INTERVAL = 5000;

/** What is going on, and where to show it. */
export interface ProgressOptions {
  /** What is being done, such as `train`. */
  readonly label: string;
  /** How many pieces of work there are. */
  readonly total: number;
  /** How many of them were done before; they do not count for the speed. Default 0. */
  readonly initial?: number;
  /** The default is stderr, so that stdout stays free for results. */
  readonly stream?: ProgressStream;
  /** Show nothing but the lines given to `log`. */
  readonly quiet?: boolean;
}

/** Work under way. Call `stop` in a `finally`: a bar that is not stopped keeps the program alive. */
export interface Progress {
  /** So many are done now; the text stands beside the numbers until another replaces it. */
  update(done: number, text?: string): void;
  /**
   * One more is done.
   * @param secondsLeft where the rest is known not to go as the work so far did.
   */
  step(text?: string, secondsLeft?: number): void;
  /** Writes a line of its own, such as a warning, without breaking the bar. */
  log(line: string): void;
  /** Ends with a line that tells how many were done in what time. */
  stop(): void;
}

/**
 * Shows how far work has come: on a terminal a bar with the count, the speed, the time left and a text; anywhere else
 * a plain line every few seconds. Ends with one line either way.
 * @throws OptionError unless `total` and `initial` are whole numbers of at least 0.
 * @example
 * const bar = progress({ label: 'fuse', total: pairs.length, quiet });
 * try {
 *   for (const pair of pairs) {
 *     await fusePair(pair);
 *     bar.step(pair.name);
 *   }
 * } finally {
 *   bar.stop();
 * }
 */
export function progress({
  label,
  total,
  initial = 0,
  stream = process.stderr,
  quiet = false,
}: ProgressOptions): Progress {
  expectInteger('progress', 'total', total, 0);
  expectInteger('progress', 'initial', initial, 0);
  const display =
    stream.isTTY && !quiet
      ? terminalBar(stream, label, total, initial)
      : plainLines(stream, label, total, quiet ? Number.POSITIVE_INFINITY : INTERVAL);
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let done = initial;
  let text = '';

  const update = (nowDone: number, nowText = text, secondsLeft?: number): void => {
    done = nowDone;
    text = oneLine(nowText);
    display.update({ done, text, ...speed(done, initial, total, elapsed(), secondsLeft) });
  };
  return {
    update: (nowDone, nowText) => update(nowDone, nowText),
    step: (nowText, secondsLeft) => update(done + 1, nowText, secondsLeft),
    log: (line) => display.log(line),
    stop: () => {
      display.clear();
      if (quiet) return;
      const ending = text === '' ? '' : `, ${text}`;
      stream.write(`${label}: ${done}/${total} in ${formatDuration(elapsed())}${ending}\n`);
    },
  };
}

function speed(
  done: number,
  initial: number,
  total: number,
  seconds: number,
  secondsLeft?: number,
): { rate: string; left: string } {
  const now = done - initial;
  if (now <= 0 || seconds === 0) return { rate: '', left: '' };
  const left = secondsLeft ?? ((total - done) * seconds) / now;
  return { rate: formatRate(now / seconds), left: `${formatDuration(Math.max(left, 0))} left` };
}
