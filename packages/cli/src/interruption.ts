/** What shells expect of a program that Ctrl+C has ended. */
const INTERRUPTED = 130;

/** What the next Ctrl+C does instead of ending the program at once. */
let stop: (() => void) | null = null;

/** What asks a program to end: Ctrl+C, other programs, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Answers Ctrl+C, SIGTERM and, while such work is under way, SIGHUP: ends the work of `untilInterrupted` the first time, the program otherwise. */
export function interrupt(): void {
  if (stop === null) process.exit(INTERRUPTED);
  stop();
}

/**
 * Does work that Ctrl+C, SIGTERM or SIGHUP ends in its own time: what it is doing now may be completed, and what was done be
 * saved and told. Afterwards the program's exit code is 130. A second signal does not wait.
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
  // In a program of `runProgram`, most are listened for already.
  const unheard = SIGNALS.filter((signal) => !process.listeners(signal).includes(interrupt));
  for (const signal of unheard) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    stop = null;
    for (const signal of unheard) process.off(signal, interrupt);
    if (controller.signal.aborted) process.exitCode = INTERRUPTED;
  }
}
