import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@refusion/image-io/node';

/** The file beside the fused pictures. */
const FILE = 'fused.jsonl';

/**
 * What each fused picture of a folder was made of, so that it is not made again: a file that grows by a line with every
 * picture. A picture whose model, sources or tone have changed since has another key.
 */
export class FusedRecord {
  private constructor(
    private readonly path: string,
    private readonly keys: Map<string, string>,
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

  has(stem: string, key: string): boolean {
    return this.keys.get(stem) === key;
  }

  /** @throws FileError if it cannot be written */
  async add(stem: string, key: string): Promise<void> {
    // A line that was broken off before is ended, and passed over when read.
    await appendFile(this.path, `\n${JSON.stringify({ stem, key })}\n`).catch((cause) => {
      throw fileError('written', this.path, cause);
    });
    this.keys.set(stem, key);
  }
}

/** None for a line that is damaged: that picture is made again. */
function entryOf(line: string): [string, string][] {
  try {
    const { stem, key } = JSON.parse(line) as { stem: unknown; key: unknown };
    return typeof stem === 'string' && typeof key === 'string' ? [[stem, key]] : [];
  } catch {
    return [];
  }
}
