import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@refusion/image-io/node';

/** A fused picture as it was written. */
export interface FusedEntry {
  /** What it was made of: another model, source or tone has another. */
  readonly key: string;
  /** The SHA-256 of its file. */
  readonly checksum: string;
}

/** The file beside the fused pictures. */
const FILE = 'fused.jsonl';

/**
 * What each fused picture of a folder was made of, so that it is not made again: a file that grows by a line with every
 * picture.
 */
export class FusedRecord {
  private constructor(
    private readonly path: string,
    private readonly entries: Map<string, FusedEntry>,
  ) {}

  /** @throws FileError if the folder's file cannot be read */
  static async open(folder: string): Promise<FusedRecord> {
    const path = join(folder, FILE);
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '';
      throw fileError('read', path, cause);
    });
    return new FusedRecord(path, new Map(text.split('\n').flatMap(entryOf)));
  }

  /** Whether a picture with this checksum was written for this key. */
  has(stem: string, { key, checksum }: FusedEntry): boolean {
    const entry = this.entries.get(stem);
    return entry?.key === key && entry.checksum === checksum;
  }

  /** @throws FileError if it cannot be written */
  async add(stem: string, { key, checksum }: FusedEntry): Promise<void> {
    // A line that was broken off before is ended, and passed over when read.
    await appendFile(this.path, `\n${JSON.stringify({ stem, key, checksum })}\n`).catch((cause) => {
      throw fileError('written', this.path, cause);
    });
    this.entries.set(stem, { key, checksum });
  }
}

/** None for a line that is damaged: that picture is made again. */
function entryOf(line: string): [string, FusedEntry][] {
  try {
    const { stem, key, checksum } = JSON.parse(line) as Record<string, unknown>;
    const isWhole = typeof stem === 'string' && typeof key === 'string' && typeof checksum === 'string';
    return isWhole ? [[stem, { key, checksum }]] : [];
  } catch {
    return [];
  }
}
