import { FileError, RefusionError } from '@refusion/core';
import { type Command, CommanderError } from 'commander';
import { errorLine } from './error-line.js';
import { interrupt } from './interruption.js';

/** Exit codes: what the user can mend, and what the user cannot. */
const USER_ERROR = 2;
const BUG = 1;

/**
 * Runs a program of `createProgram` to its end. Help and success exit with 0 (or with the `process.exitCode` that the
 * program has set); wrong usage and a `RefusionError` print one sentence to stderr and exit with 2; any other error is
 * a bug, says so, and exits with 1, its stack printed only where DEBUG is set. A reader that closes the output early
 * (`| head`) ends the program quietly; one of stderr, which only tells how things go, is not missed. Ctrl+C, and SIGTERM, end it with 130, never in the middle of synchronous work such as
 * replacing a weight file; `untilInterrupted` is for work that Ctrl+C should end in its own time.
 * @param argv As in `process.argv`: the arguments start at the third.
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupt);
  process.once('uncaughtException', fail);
  process.stdout.on('error', endOnBrokenOutput);
  // Hours of work must not be lost because a terminal was closed.
  process.stderr.on('error', () => {});
  try {
    await program.parseAsync(argv);
  } catch (error) {
    await fail(error);
  }
}

/** Ends at once: flushing what cannot be written would fail again, and without end. */
function endOnBrokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  process.stdout.off('error', endOnBrokenOutput).on('error', () => {});
  const line = errorLine(new FileError(`the output cannot be written (${error.message})`, { cause: error }));
  process.stderr.write(`${line}\n`, () => process.exit(USER_ERROR));
}

/** Prints the error and exits at once: timers and workers that still run must not keep a failed program alive. */
async function fail(error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // Commander has printed the help or the sentence already.
    if (error.exitCode === 0) return;
    process.exitCode = USER_ERROR;
  } else {
    process.stderr.write(`${errorLine(error)}\n`);
    process.exitCode = error instanceof RefusionError ? USER_ERROR : BUG;
  }
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit();
}

/** Resolves once all that was written has left this process. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
