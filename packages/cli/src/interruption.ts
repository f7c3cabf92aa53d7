/** What shells expect of a program that Ctrl+C has ended. */
const INTERRUPTED = 130;

/** What the next Ctrl+C does instead of ending the program at once. */
let stop: (() => void) | null = null;

/** Answers Ctrl+C: ends the work of `untilInterrupted` the first time, the program otherwise. */
export function interrupt(): void {
  if (stop === null) process.exit(INTERRUPTED);
  stop();
}

/**
 * Does work that ends only by Ctrl+C, in its own time: what it is doing now may be completed, and what was done be told.
 * Afterwards the program's exit code is 130. A second Ctrl+C does not wait. For programs run by `runProgram`.
 * @param work ends soon after the signal is aborted.
 * @example
 * await untilInterrupted(async (signal) => {
 *   while (!signal.aborted) await next();
 *   tellWhatWasDone();
 * });
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  stop = () => {
    stop = null;
    controller.abort();
  };
  try {
    return await work(controller.signal);
  } finally {
    stop = null;
    if (controller.signal.aborted) process.exitCode = INTERRUPTED;
  }
}
