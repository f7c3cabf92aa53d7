import { type FileHandle, open } from 'node:fs/promises';

/** Read at once; a line longer than this is passed over. */
const CHUNK = 1 << 20;
/** So many of the last bytes read are compared, to notice a log that was cut and has grown again. */
const MEMORY = 256;
const NEWLINE = 10;

/** What is told of a log. */
export interface LogVisitor {
  /** The log is another, or was cut: forget all lines. */
  reset(): void;
  line(text: string): void;
}

/**
 * Follows a file to which lines are appended. A half-written last line is left for the next time; a file that is
 * replaced or cut, as when a training is resumed, is read again from its beginning.
 */
export class LogTail {
  /** Where the first line begins that was not read yet. */
  private offset = 0;
  /** The bytes before that place. */
  private before: Buffer = Buffer.alloc(0);

  constructor(
    private readonly path: string,
    private readonly visitor: LogVisitor,
  ) {}

  /**
   * Reads what is new.
   * @returns whether anything was
   */
  async poll(): Promise<boolean> {
    const file = await opened(this.path);
    if (!file) return this.forget();
    try {
      const cut = !(await this.continues(file)) && this.forget();
      let changed = cut;
      while (await this.readChunk(file)) changed = true;
      return changed;
    } finally {
      await file.close();
    }
  }

  /** Whether what was read is still there. */
  private async continues(file: FileHandle): Promise<boolean> {
    const { length } = this.before;
    const now = await readAt(file, this.offset - length, length);
    return now.equals(this.before);
  }

  private forget(): boolean {
    if (this.offset === 0) return false;
    this.offset = 0;
    this.before = Buffer.alloc(0);
    this.visitor.reset();
    return true;
  }

  /** Reads some whole lines, if there are any. */
  private async readChunk(file: FileHandle): Promise<boolean> {
    const bytes = await readAt(file, this.offset, CHUNK);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && bytes.length < CHUNK) return false;
    const whole = bytes.subarray(0, end || bytes.length);
    const lines = whole.toString('utf8', 0, end).split('\n');
    for (const text of lines.slice(0, -1)) this.visitor.line(text);
    this.offset += whole.length;
    this.before = Buffer.from(Buffer.concat([this.before, whole.subarray(-MEMORY)]).subarray(-MEMORY));
    return true;
  }
}

/** The file, or null while there is none. */
async function opened(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Up to `length` bytes from a place on; fewer at the file's end. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
