import { Writable } from 'node:stream';
import { benchProgram } from './program.js';

/** How a command ended and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For tests: runs a command line in this process. Rejects where the program would print an error and exit. */
export async function bench(...args: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  let code: number | null = null;
  const exit = (ended: number): void => {
    code = ended;
  };
  await benchProgram({ streams: { stdout, stderr }, exit }).parseAsync(args, { from: 'user' });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A stream that keeps what is written to it. */
export class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
