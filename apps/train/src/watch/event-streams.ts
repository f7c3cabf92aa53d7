import type { ServerResponse } from 'node:http';
import type { Message, RunReader, Topic } from './run-reader.js';

/** How often a run is looked at, in milliseconds. */
const INTERVAL = 500;
/** A line that says nothing, so often that nothing on the way takes the silence for an end. */
const HEARTBEAT = 15_000;
/** A page that does not listen is let go when so many bytes wait for it; it asks again by itself. */
const MOST_WAITING = 16 << 20;
/** The most pages at once. */
const MOST_STREAMS = 32;

/** The pages that are open, and what they are told as it happens: server-sent events. */
export class EventStreams {
  /** All pages, those too that are still to be told what is known. */
  private readonly pages = new Set<ServerResponse>();
  /** The pages that know what is known, and are told what is new. */
  private readonly informed = new Set<ServerResponse>();
  /** What the informed pages know. */
  private readonly told = new Map<Topic, string>();
  private timer: NodeJS.Timeout | null = null;
  private silence = 0;
  private closed = false;

  constructor(private readonly reader: Pick<RunReader, 'poll' | 'known'>) {}

  /** Tells a page all that is known, and from then on what is new. */
  async add(response: ServerResponse): Promise<void> {
    if (this.closed || response.destroyed) {
      response.destroy();
      return;
    }
    if (this.pages.size >= MOST_STREAMS) {
      response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('too many pages are open');
      return;
    }
    // Before anything is waited for: while the run is read the page may leave, others come, and all be sent away.
    this.pages.add(response);
    response.on('close', () => this.remove(response));
    this.timer ??= setInterval(() => void this.look(), INTERVAL);
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    await this.tellNews();
    if (!this.pages.has(response)) return;
    response.write(this.reader.known.map(eventOf).join(''));
    this.informed.add(response);
  }

  /** Says goodbye to all pages; none can come any more. */
  close(): void {
    this.closed = true;
    for (const page of this.pages) {
      page.end('event: end\ndata: null\n\n');
      this.remove(page);
    }
  }

  private remove(page: ServerResponse): void {
    this.pages.delete(page);
    this.informed.delete(page);
    if (this.pages.size > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    this.silence += INTERVAL;
    // A file may be gone for a moment; then the next look finds it.
    await this.tellNews().catch(() => {});
    if (this.silence >= HEARTBEAT) this.send(':\n\n');
  }

  /** Whoever else reads the run meanwhile, the pages are told what they do not know. */
  private async tellNews(): Promise<void> {
    await this.reader.poll();
    const news = this.reader.known.filter(({ topic, json }) => this.told.get(topic) !== json);
    for (const { topic, json } of news) this.told.set(topic, json);
    if (news.length > 0) this.send(news.map(eventOf).join(''));
  }

  private send(text: string): void {
    this.silence = 0;
    for (const page of this.informed) {
      page.write(text);
      if (page.writableLength > MOST_WAITING) page.destroy();
    }
  }
}

function eventOf({ topic, json }: Message): string {
  return `event: ${topic}\ndata: ${json}\n\n`;
}
