import { basename, dirname, resolve } from 'node:path';
import { FileError } from '@refusion/core';
import { isImageName, type Pair, type PairProblem, stemOf } from '@refusion/data/node';
import { watch } from 'chokidar';

export interface WatchOptions {
  readonly a: string;
  readonly b: string;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** A file is complete when its size has not changed for so long, in milliseconds. Default: a second. */
  readonly settle?: number;
}

/** Pairs of two folders as they become complete. */
export interface PairWatcher {
  /** Ends after the signal is aborted. @throws FileError if a folder is removed or cannot be watched. */
  readonly items: AsyncIterable<Pair | PairProblem>;
  /** The names, now, of pictures that have no partner. */
  waiting(): string[];
}

type Side = 'a' | 'b';

/** The pictures of one name: more than one in a folder is a mistake of the user's. */
type Files = Record<Side, Set<string>>;

/**
 * Watches two folders for pictures of the same name. A pair comes when both are there and their sizes have settled,
 * those that are there at the start too, and again whenever one of the two is replaced, or removed where there were two of
 * its name. Hidden files and files that are
 * no pictures by their names, such as those being copied, are passed over; folders in the folders are, too.
 */
export function watchPairs({ a, b, signal, settle = 1000 }: WatchOptions): PairWatcher {
  const roots: Record<Side, string> = { a: resolve(a), b: resolve(b) };
  const files = new Map<string, Files>();
  const ready = new Set<string>();
  let failure: FileError | null = null;
  let wake = (): void => undefined;
  const woken = (): Promise<void> =>
    new Promise((done) => {
      wake = done;
    });

  const sidesOf = (path: string): Side[] =>
    (['a', 'b'] as const).filter((side) => dirname(path) === roots[side]);
  const changed = (path: string): void => {
    const stem = stemOf(path);
    const known = files.get(stem) ?? { a: new Set(), b: new Set() };
    for (const side of sidesOf(path)) known[side].add(path);
    files.set(stem, known);
    if (known.a.size > 0 && known.b.size > 0) ready.add(stem);
    wake();
  };
  const removed = (path: string): void => {
    const stem = stemOf(path);
    const known = files.get(stem);
    if (known === undefined) return;
    const doubled = known.a.size > 1 || known.b.size > 1;
    for (const side of sidesOf(path)) known[side].delete(path);
    if (known.a.size === 0 && known.b.size === 0) files.delete(stem);
    if (known.a.size === 0 || known.b.size === 0) ready.delete(stem);
    // The mistake of two pictures of one name is mended.
    if (doubled && known.a.size === 1 && known.b.size === 1) {
      ready.add(stem);
      wake();
    }
  };
  const failed = (error: FileError): void => {
    failure = error;
    wake();
  };

  async function* items(): AsyncGenerator<Pair | PairProblem> {
    const watcher = watch([roots.a, roots.b], {
      depth: 0,
      awaitWriteFinish: { stabilityThreshold: settle, pollInterval: Math.min(100, settle / 4) },
      ignored: (path, stats) => stats?.isFile() === true && !isImageName(path),
    });
    watcher.on('add', changed).on('change', changed).on('unlink', removed);
    watcher.on('unlinkDir', (path) => {
      if (path === roots.a || path === roots.b)
        failed(new FileError(`"${path}" has been removed; start again`));
    });
    watcher.on('error', (error) => {
      failed(new FileError(`"${a}" and "${b}" cannot be watched (${String(error)})`, { cause: error }));
    });
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        if (failure !== null) throw failure;
        const [stem] = ready;
        if (stem === undefined) await woken();
        else {
          ready.delete(stem);
          yield itemOf(stem, files.get(stem) as Files);
        }
      }
    } finally {
      await watcher.close();
    }
  }
  const waiting = (): string[] =>
    [...files].filter(([, known]) => (known.a.size === 0) !== (known.b.size === 0)).map(([stem]) => stem);
  return { items: items(), waiting };
}

function itemOf(stem: string, files: Files): Pair | PairProblem {
  for (const side of [files.a, files.b]) {
    if (side.size > 1) {
      const [first = '', ...others] = [...side].sort();
      const names = [first, ...others].map((path) => basename(path)).join(' and ');
      return {
        stem,
        message: `"${dirname(first)}" has two images of one name, ${names}; remove or rename one`,
      };
    }
  }
  return { stem, a: [...files.a][0] as string, b: [...files.b][0] as string };
}
