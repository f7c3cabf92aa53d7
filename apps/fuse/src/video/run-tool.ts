import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { FileError, OptionError } from '@refusion/core';

export type Tool = 'ffmpeg' | 'ffprobe';

/** A tool that runs, and how it ends. */
export interface RunningTool {
  readonly process: ChildProcess;
  /** Resolves when it ends well. @throws OptionError if it is not installed; FileError, naming the file, if it fails. */
  readonly ended: Promise<void>;
}

/** As much of a tool's complaints as is kept; only the last lines are shown. */
const MOST_WORDS = 10_000;

/**
 * Starts ffmpeg, without a shell and without a terminal.
 * @param file what its errors are about
 */
export function startTool(
  tool: Tool,
  args: readonly string[],
  file: string,
  stdio: SpawnOptions['stdio'],
): RunningTool {
  const running = spawn(tool, args, { stdio });
  let words = '';
  running.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-MOST_WORDS);
  });
  const ended = new Promise<void>((resolve, reject) => {
    running.once('error', (error) => reject(startError(tool, error)));
    running.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failure(tool, file, words, signal));
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
  const last = words.trim().split('\n').at(-1)?.trim();
  return new FileError(
    `"${file}": ${tool} ${signal ? `was ended by ${signal}` : `failed: ${last || 'without a word'}`}`,
  );
}
