import type { ProgressStream } from '@refusion/cli';

/** Where the program writes: its report to stdout, all else to stderr. `process` is one. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: ProgressStream;
}
