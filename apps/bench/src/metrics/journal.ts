import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import type { Convention, MetricId } from '@refusion/metrics';
import { lockFile } from '../lock-file.js';
import type { ScoredPair } from '../results/results.js';
import { stampOf } from '../stamp.js';

const { version } = createRequire(import.meta.url)('@refusion/metrics/package.json') as { version: string };

/** The first line, without which a file is not touched. */
const HEADER = `${JSON.stringify({ format: 'refusion-bench journal', version: 1 })}\n`;

/** What a score depends on, but for its metric. */
export interface Scored {
  readonly pair: ScoredPair;
  readonly fused: string;
  readonly convention: Convention;
}

/** The scores of one fused picture. */
type Scores = Readonly<Record<string, number>>;

/**
 * A file of scores that grows by a line with every fused picture that is scored, so that work which was broken off goes on
 * where it stopped. A score is found again only while the definitions of the metrics and the files that it is of stay the
 * same: their paths, sizes and times of change.
 */
export class Journal {
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly scores: Map<string, Scores>,
    private readonly release: () => Promise<void>,
  ) {}

  /**
   * Opens a journal, or starts one where there is none. A last line that was not written to its end is dropped.
   * @throws FileError if the file cannot be read and written, is something else, or another process writes to it
   */
  static async open(path: string): Promise<Journal> {
    const file = await open(path, 'a+').catch((cause) => {
      throw fileError('written', path, cause);
    });
    let release = async (): Promise<void> => {};
    try {
      release = await lockFile(`${path}.lock`, `"${path}"`);
      const { scores, whole } = await readScores(file, path);
      await file.truncate(whole);
      if (whole === 0) await file.appendFile(HEADER);
      return new Journal(path, file, scores, release);
    } catch (error) {
      await file.close();
      await release();
      throw error;
    }
  }

  /** The scores under a key (`journalKey`) by some metrics, in their order; null unless all of them are known. */
  find(key: string, metrics: readonly MetricId[]): number[] | null {
    const scores = this.scores.get(key);
    const values = metrics.map((id) => scores?.[id]);
    return values.includes(undefined) ? null : (values as number[]);
  }

  /** @throws FileError if it cannot be written */
  async add(key: string, metrics: readonly MetricId[], values: readonly number[]): Promise<void> {
    const scores = Object.fromEntries(metrics.map((id, index) => [id, toPlain(values[index] as number)]));
    const line = `${JSON.stringify({ key, scores })}\n`;
    // One after another: lines must not mix.
    this.#writing = this.#writing.then(() => this.file.appendFile(line));
    await this.#writing.catch((cause) => {
      throw fileError('written', this.path, cause);
    });
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.release();
  }
}

/** The known scores by their keys, and how many bytes of the file are whole lines. */
async function readScores(
  file: FileHandle,
  path: string,
): Promise<{ scores: Map<string, Scores>; whole: number }> {
  const scores = new Map<string, Scores>();
  const { size } = await file.stat();
  const first = Buffer.alloc(Buffer.byteLength(HEADER));
  const { bytesRead } = await file.read(first, 0, first.length, 0);
  if (!HEADER.startsWith(first.toString('utf8', 0, bytesRead))) {
    throw new FileError(
      `"${path}" is not a journal of bench metrics and is left as it is; name another file for --resume`,
    );
  }
  // The header itself was broken off.
  if (size < first.length) return { scores, whole: 0 };
  let whole = first.length;
  for await (const line of linesOf(file, first.length)) {
    whole += line.length + 1;
    const entry = entryOf(line.toString());
    // Other metrics of a picture may have been asked for before.
    if (entry) scores.set(entry.key, { ...scores.get(entry.key), ...entry.scores });
  }
  return { scores, whole };
}

/** The whole lines of a file from a place on, without their ends. */
async function* linesOf(file: FileHandle, start: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({ start, autoClose: false })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

/** Null for a line that is damaged: what it was of is scored again. */
function entryOf(line: string): { key: string; scores: Scores } | null {
  try {
    const { key, scores } = JSON.parse(line) as { key: string; scores: Record<string, number | string> };
    const numbers = Object.entries(scores).map(([id, value]) => [id, Number(value)] as const);
    return { key, scores: Object.fromEntries(numbers) };
  } catch {
    return null;
  }
}

/** JSON has no NaN and no infinities. */
function toPlain(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** What a journal knows a fused picture's scores by. Take it before the files are read. */
export async function journalKey({ pair, fused, convention }: Scored): Promise<string> {
  const files = [pair.a, pair.b, fused, ...(pair.truth === undefined ? [] : [pair.truth])];
  // A file that is not there has an identity too: scoring it says what is wrong.
  const identities = await Promise.all(files.map(async (path) => [resolve(path), await stampOf(path)]));
  return createHash('sha256')
    .update(JSON.stringify([version, convention, identities]))
    .digest('hex');
}
