import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { FileError, OptionError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';

export type Tool = 'ffmpeg' | 'ffprobe';

/** A tool that runs, and how it ends. */
export interface RunningTool {
  readonly process: ChildProcess;
  /**
   * Resolves when it ends well, with what it complained of meanwhile, in a line that may be empty.
   * @throws OptionError if it is not installed; FileError, naming the file, if it fails
   */
  readonly ended: Promise<string>;
}

export interface ToolOptions extends Pick<SpawnOptions, 'stdio'> {
  /** Ends the tool at once. */
  readonly signal?: AbortSignal | undefined;
}

/** As much of a tool's complaints as is kept; only the last lines are shown. */
const MOST_WORDS = 10_000;

const DISK_FULL = 'No space left on device';
const UNWRITTEN = new RegExp(`${DISK_FULL}|Error closing file|Error writing trailer`);

/**
 * Starts ffmpeg, without a shell and without a terminal, whose Ctrl+C is this program's alone.
 * @param file what its errors are about
 */
export function startTool(
  tool: Tool,
  args: readonly string[],
  file: string,
  { stdio, signal }: ToolOptions,
): RunningTool {
  const running = spawn(tool, args, { stdio, detached: process.platform !== 'win32' });
  const kill = (): void => void running.kill('SIGKILL');
  if (signal?.aborted) kill();
  signal?.addEventListener('abort', kill);
  let words = '';
  running.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-MOST_WORDS);
  });
  const ended = new Promise<string>((resolve, reject) => {
    running.once('error', (error) => reject(startError(tool, error)));
    running.once('close', (code, by) => {
      signal?.removeEventListener('abort', kill);
      // A file that could not be written to its end does not make ffmpeg fail.
      if (code === 0 && !UNWRITTEN.test(words)) resolve(lastLine(words));
      else reject(failure(tool, file, words, by));
    });
  });
  // Whoever waits for it sees the error; it must not end the process before.
  ended.catch(() => {});
  return { process: running, ended };
}

/** What a tool prints. @throws as `startTool` */
export async function outputOf(tool: Tool, args: readonly string[], file: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(tool, args, { maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    const {
      code,
      stderr = '',
      signal = null,
    } = error as NodeJS.ErrnoException & {
      stderr?: string;
      signal?: NodeJS.Signals | null;
    };
    if (typeof code === 'string') throw startError(tool, error as Error);
    throw failure(tool, file, stderr, signal);
  }
}

function startError(tool: Tool, cause: Error): OptionError {
  return new OptionError(
    `--video needs ${tool}, which cannot be started; install ffmpeg (https://ffmpeg.org) so that it is found on the PATH`,
    { cause },
  );
}

function failure(tool: Tool, file: string, words: string, signal: NodeJS.Signals | null): FileError {
  // ffmpeg's last line is about what it could not do for that reason.
  if (words.includes(DISK_FULL)) {
    return fileError('written', file, Object.assign(new Error(words), { code: 'ENOSPC' }));
  }
  return new FileError(
    `"${file}": ${tool} ${signal ? `was ended by ${signal}` : `failed: ${lastLine(words) || 'without a word'}`}`,
  );
}

/** Without the address of what says it. */
function lastLine(words: string): string {
  const line = words.trim().split('\n').at(-1) ?? '';
  return line.replace(/^\[\w+ @ 0x[0-9a-f]+\]/, '').trim();
}
