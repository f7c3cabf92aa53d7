import type { ServerResponse } from 'node:http';
import type { Message, RunReader } from './run-reader.js';

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
  private readonly streams = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | null = null;
  private quiet = 0;

  constructor(private readonly reader: RunReader) {}

  /** Tells a page all that is known, and from then on what is new. */
  async add(response: ServerResponse): Promise<void> {
    if (this.streams.size >= MOST_STREAMS) {
      response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('too many pages are open');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.tell(await this.reader.poll());
    response.write(this.reader.known.map(eventOf).join(''));
    this.streams.add(response);
    response.on('close', () => this.remove(response));
    this.timer ??= setTimeout(() => void this.look(), INTERVAL);
  }

  /** Says goodbye to all pages. */
  close(): void {
    for (const stream of this.streams) stream.end('event: end\ndata: null\n\n');
    this.streams.clear();
    this.stop();
  }

  private remove(response: ServerResponse): void {
    this.streams.delete(response);
    if (this.streams.size === 0) this.stop();
  }

  private stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    // A file may be gone for a moment; then the next look finds it.
    this.tell(await this.reader.poll().catch(() => []));
    if (this.timer) this.timer = setTimeout(() => void this.look(), INTERVAL);
  }

  private tell(messages: readonly Message[]): void {
    this.quiet = messages.length > 0 ? 0 : this.quiet + INTERVAL;
    if (messages.length === 0 && this.quiet < HEARTBEAT) return;
    this.quiet = 0;
    const text = messages.length > 0 ? messages.map(eventOf).join('') : ':\n\n';
    for (const stream of this.streams) {
      stream.write(text);
      if (stream.writableLength > MOST_WAITING) stream.destroy();
    }
  }
}

function eventOf({ topic, json }: Message): string {
  return `event: ${topic}\ndata: ${json}\n\n`;
}
