import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { type Command, createProgram, formatCsv } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { version } from './version.js';
import { eventOf } from './watch/log-line.js';

/** The command line that turns a run's log into a table. */
export function csvCommand(): Command {
  return createProgram({
    name: 'refusion-train csv',
    description: "Prints a run's log as CSV: one row an update, one column a number.",
    version,
    examples: ['npm run train -- csv runs/first > first.csv'],
  })
    .argument('<run>', 'the folder that the training writes')
    .action((run: string) => printLog(run, process.stdout));
}

/**
 * Writes a run's log as CSV. A half-written last line is left out.
 * @throws FileError if the run has no log
 */
export async function printLog(run: string, out: Writable): Promise<void> {
  const path = join(run, 'log.jsonl');
  if (!(await stat(path).catch(() => null))?.isFile()) {
    throw new FileError(`${path}: no such file, name the folder that a training writes (its --out)`);
  }
  // Not every update has every number, so the columns are known only at the end.
  const names = new Set<string>();
  for await (const { numbers } of events(path)) for (const name of numbers.keys()) names.add(name);
  const columns = [...names];
  const write = async (cells: string[]): Promise<void> => {
    if (!out.write(formatCsv(cells, []))) await once(out, 'drain');
  };
  await write(['type', ...columns]);
  for await (const { type, numbers } of events(path)) {
    await write([type, ...columns.map((name) => String(numbers.get(name) ?? ''))]);
  }
}

async function* events(path: string): AsyncGenerator<NonNullable<ReturnType<typeof eventOf>>> {
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const event = eventOf(line);
    if (event) yield event;
  }
}
