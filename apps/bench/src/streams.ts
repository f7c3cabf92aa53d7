import type { ProgressStream } from '@refusion/cli';

/** Where a command writes: results to stdout, all else to stderr. `process` is one. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: ProgressStream;
}

/** What a command ends with: 0 done; 1 checked and found wrong; 2 something that the user can mend. */
export type ExitCode = 0 | 1 | 2;
