import { open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flushFolder } from '@refusion/core/node';
import { fileError } from '@refusion/image-io/node';
import type { TrainingObserver } from './observer.js';
import { eventOf, type LogEvent } from './watch/log-line.js';

/** `log.jsonl`, one line an update: its losses, and its epoch and step counted from 1, as people do. */
export interface EventLog extends TrainingObserver {
  /** How many bytes have reached the disk. */
  readonly flushed: number;
  /**
   * Brings everything to the disk.
   * @throws FileError if a line that could not be written before still cannot
   */
  flush(): Promise<void>;
}

/**
 * Opens the log and cuts it back to where a checkpoint was made: what came after it will come again.
 * @param bytes how much to keep; 0 for a new log
 * @param each is told of every line that was kept, one after the other
 * @throws FileError if it cannot be written
 */
export async function openLog(
  path: string,
  bytes: number,
  each: (line: LogEvent) => void,
): Promise<EventLog> {
  const failed = (cause: unknown): never => {
    throw fileError('written', path, cause);
  };
  const kept = bytes > 0 ? await cutBack(path, bytes).catch(failed) : Buffer.alloc(0);
  const file = await open(path, bytes > 0 ? 'a' : 'w').catch(failed);
  try {
    // The log may be new, and its name must outlive a power cut as its lines do.
    flushFolder(dirname(path));
  } catch (error) {
    await file.close();
    failed(error);
  }
  let size = kept.length;
  let flushed = size;
  let unwritten = '';
  const write = async (): Promise<void> => {
    try {
      await file.appendFile(unwritten);
    } catch (error) {
      // Half a line must not stay; the whole of it is written when there is room again.
      await file.truncate(size).catch(() => {});
      failed(error);
    }
    size += Buffer.byteLength(unwritten);
    unwritten = '';
  };
  const log: EventLog = {
    get flushed() {
      return flushed;
    },
    event: async (event, extras) => {
      if (event.type === 'epoch-end') return;
      const { state: _state, epoch, step, ...rest } = event;
      unwritten += `${JSON.stringify({ ...rest, epoch: epoch + 1, step: step + 1, ...extras })}\n`;
      await write();
    },
    flush: async () => {
      if (unwritten !== '') await write();
      await file.datasync().catch(failed);
      flushed = size;
    },
    close: () => file.close().catch(failed),
  };
  for (const line of eventsOf(kept)) each(line);
  return log;
}

/** Keeps the first bytes, up to the end of a line, and returns them. A log that is gone is begun again. */
async function cutBack(path: string, bytes: number): Promise<Buffer> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (content === null) return Buffer.alloc(0);
  const end = content.subarray(0, bytes).lastIndexOf('\n') + 1;
  await truncate(path, end);
  return content.subarray(0, end);
}

/** Lines that are no events any more are left out: a log is for people to look at, and no state. */
function* eventsOf(log: Buffer): Generator<LogEvent> {
  for (let start = 0, end = 0; start < log.length; start = end + 1) {
    end = log.indexOf('\n', start);
    const event = eventOf(log.toString('utf8', start, end));
    if (event) yield event;
  }
}
