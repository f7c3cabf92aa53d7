import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStreams } from './event-streams.js';
import type { Message } from './run-reader.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A run that is read when the test says so. */
class Run {
  known: Message[] = [{ topic: 'curves', json: '1' }];
  private readonly waiting: (() => void)[] = [];

  poll(): Promise<Message[]> {
    return new Promise((resolve) => this.waiting.push(() => resolve([])));
  }

  /** Lets all who wait have read it. */
  async read(): Promise<void> {
    for (const done of this.waiting.splice(0)) done();
    await new Promise(setImmediate);
  }
}

/** A page's connection, and what is sent to it. */
function page(): { response: ServerResponse; sent: () => string; leave: () => void } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  let sent = '';
  vi.spyOn(response, 'write').mockImplementation((text) => {
    sent += text;
    return true;
  });
  vi.spyOn(response, 'end').mockImplementation((text) => {
    sent += text;
    return response;
  });
  const leave = (): void => {
    response.destroyed = true;
    response.emit('close');
  };
  return { response, sent: () => sent, leave };
}

const TOO_MANY = 'too many pages are open';

describe('the streams of events', () => {
  it('forget pages that leave while the run is read', async () => {
    const run = new Run();
    const streams = new EventStreams(run);
    for (let i = 0; i < 40; i++) {
      const { response, leave } = page();
      void streams.add(response);
      leave();
    }
    await run.read();
    expect(vi.getTimerCount()).toBe(0);
    const last = page();
    void streams.add(last.response);
    await run.read();
    expect(last.sent()).toBe('event: curves\ndata: 1\n\n');
  });

  it('are no more than 32, those too that come at once, and one timer serves all', async () => {
    const run = new Run();
    const streams = new EventStreams(run);
    const pages = Array.from({ length: 40 }, page);
    for (const { response } of pages) void streams.add(response);
    await run.read();
    expect(pages.filter(({ sent }) => sent() === TOO_MANY)).toHaveLength(8);
    expect(vi.getTimerCount()).toBe(1);
    for (const { leave } of pages) leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leave nothing behind when they are closed, those neither that were about to open', async () => {
    const run = new Run();
    const streams = new EventStreams(run);
    const [early, late] = [page(), page()];
    void streams.add(early.response);
    streams.close();
    await run.read();
    expect(early.sent()).toBe('event: end\ndata: null\n\n');
    void streams.add(late.response);
    expect(late.response.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tell each page once what is new, whoever has read it first', async () => {
    const run = new Run();
    const streams = new EventStreams(run);
    const [first, second] = [page(), page()];
    void streams.add(first.response);
    await run.read();
    // Another has read the run, as when a picture is asked for.
    run.known = [{ topic: 'curves', json: '2' }];
    void streams.add(second.response);
    vi.advanceTimersByTime(500);
    await run.read();
    expect(first.sent()).toBe('event: curves\ndata: 1\n\nevent: curves\ndata: 2\n\n');
    expect(second.sent()).toBe('event: curves\ndata: 2\n\n');
    streams.close();
  });

  it('say something now and then', async () => {
    const run = new Run();
    const streams = new EventStreams(run);
    const { response, sent } = page();
    void streams.add(response);
    await run.read();
    for (let look = 0; look < 60; look++) {
      vi.advanceTimersByTime(500);
      await run.read();
    }
    expect(sent()).toBe('event: curves\ndata: 1\n\n:\n\n:\n\n');
    streams.close();
  });
});
