import { openSession, type Session } from '../session.js';
import type { Arrays } from './places.js';

/** A model as threads are told of it. */
export interface ModelHandle {
  /** Tells it from all others. */
  readonly id: string;
  /** What errors call it. */
  readonly name: string;
  /** In memory that threads share. */
  readonly bytes: Uint8Array;
  /** Threads within an operator. */
  readonly threads: number;
  /** As `openSession` has it. */
  readonly optimise: boolean;
  readonly blocked: boolean;
}

/** One run of a model. */
export interface Job {
  readonly model: ModelHandle;
  /** The models that will be needed again. */
  readonly keep: readonly string[];
  readonly inputs: Arrays;
}

/** Where jobs are done. */
export interface Lane {
  /** @throws RefusionError in one sentence */
  run(job: Job): Promise<Arrays>;
  /** Waits for the jobs that it was given, and frees everything. */
  close(): Promise<void>;
}

/** The sessions of one thread: each is opened when its model first comes, and closed when it is not needed any more. */
export class Sessions implements Lane {
  private readonly sessions = new Map<string, Session>();
  private last: Promise<unknown> = Promise.resolve();

  /** How many are open. */
  get count(): number {
    return this.sessions.size;
  }

  /** Jobs are done one after another, in the order in which they come. */
  run(job: Job): Promise<Arrays> {
    const next = this.last.then(() => this.runNow(job));
    this.last = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    await this.last;
    await this.closeAllBut([]);
  }

  private async runNow({ model, keep, inputs }: Job): Promise<Arrays> {
    await this.closeAllBut(keep);
    const { id, bytes, ...options } = model;
    // The runtime takes no memory that threads share.
    const session = this.sessions.get(id) ?? (await openSession(Uint8Array.from(bytes), options));
    this.sessions.set(id, session);
    return session.run(inputs);
  }

  private async closeAllBut(keep: readonly string[]): Promise<void> {
    for (const [id, session] of this.sessions) {
      if (keep.includes(id)) continue;
      this.sessions.delete(id);
      await session.close();
    }
  }
}
