import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FileError } from '@refusion/core';
import { filesOf, readViewIndex, VIEW_FOLDER, VIEW_INDEX } from '../preview/view-index.js';
import { LogFollower } from './log-curves.js';

/** What the page is told, each as one JSON text: the run, its curves, its pictures. */
export type Topic = 'run' | 'curves' | 'view';
export type Message = { readonly topic: Topic; readonly json: string };

/** Files larger than this are none that a trainer wrote. */
const MOST_CONFIG_BYTES = 1 << 20;

/** Reads a run folder, whoever writes it and whether or not anyone still does. */
export class RunReader {
  private readonly log: LogFollower;
  private readonly latest = new Map<Topic, string>();
  /** What each file was like when it was last read. */
  private readonly stamps = new Map<string, string>();
  private pictures: ReadonlySet<string> = new Set();
  private polling: Promise<Message[]> | null = null;

  private constructor(private readonly folder: string) {
    this.log = new LogFollower(join(folder, 'log.jsonl'));
  }

  /** @throws FileError if there is no such folder */
  static async open(folder: string): Promise<RunReader> {
    const found = await stat(folder).catch(() => null);
    if (!found)
      throw new FileError(`${folder}: no such folder, name the folder that a training writes (its --out)`);
    if (!found.isDirectory())
      throw new FileError(`${folder}: is a file, name the folder that a training writes`);
    const reader = new RunReader(resolve(folder));
    await reader.poll();
    return reader;
  }

  /** All that is known. */
  get known(): Message[] {
    return [...this.latest].map(([topic, json]) => ({ topic, json }));
  }

  /** Reads what is new. Calls at the same time are one. */
  poll(): Promise<Message[]> {
    this.polling ??= this.readNew().finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  private async readNew(): Promise<Message[]> {
    const changed: Message[] = [];
    const tell = (topic: Topic, content: unknown): void => {
      const json = JSON.stringify(content);
      if (this.latest.get(topic) === json) return;
      this.latest.set(topic, json);
      changed.push({ topic, json });
    };
    if (await this.changed('config.json', !this.latest.has('run'))) {
      tell('run', { name: basename(this.folder), config: await this.config() });
    }
    if ((await this.log.poll()) || !this.latest.has('curves')) {
      tell('curves', { ...this.log.curves(), written: await this.writtenAt('log.jsonl') });
    }
    if (await this.changed(join(VIEW_FOLDER, VIEW_INDEX), !this.latest.has('view'))) {
      const index = await readViewIndex(this.folder);
      this.pictures = new Set(index ? filesOf(index) : []);
      tell('view', index);
    }
    return changed;
  }

  /** The path of a picture that the run's index names, or null. */
  async picture(file: string): Promise<string | null> {
    if (!this.pictures.has(file)) await this.poll();
    return this.pictures.has(file) ? join(this.folder, VIEW_FOLDER, file) : null;
  }

  private async config(): Promise<unknown> {
    const path = join(this.folder, 'config.json');
    try {
      if ((await stat(path)).size > MOST_CONFIG_BYTES) return null;
      return JSON.parse(await readFile(path, 'utf8'));
    } catch {
      return null;
    }
  }

  /** Whether a file is another than when it was last asked for. */
  private async changed(file: string, first: boolean): Promise<boolean> {
    const found = await stat(join(this.folder, file)).catch(() => null);
    const stamp = found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none';
    const same = this.stamps.get(file) === stamp;
    this.stamps.set(file, stamp);
    return first || !same;
  }

  /** When a file was last written, in milliseconds since 1970; null if there is none. */
  private async writtenAt(file: string): Promise<number | null> {
    const found = await stat(join(this.folder, file)).catch(() => null);
    return found ? Math.round(found.mtimeMs) : null;
  }
}
