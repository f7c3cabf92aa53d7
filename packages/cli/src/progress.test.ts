import { PassThrough } from 'node:stream';
import { OptionError } from '@refusion/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progress } from './progress.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream that remembers what it was given. */
function sink(isTTY: boolean): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 120 });
}

function written(stream: PassThrough): string {
  return String(stream.read() ?? '');
}

describe('progress in a pipe', () => {
  it('writes a plain line every few seconds and one at the end', () => {
    const stream = sink(false);
    const bar = progress({ label: 'train', total: 100, stream });
    for (let i = 1; i <= 60; i++) {
      vi.advanceTimersByTime(500);
      bar.step(`loss ${i}`);
    }
    expect(written(stream).split('\n')).toEqual([
      'train: 10/100, 2.0/s, 45 s left, loss 10',
      'train: 20/100, 2.0/s, 40 s left, loss 20',
      'train: 30/100, 2.0/s, 35 s left, loss 30',
      'train: 40/100, 2.0/s, 30 s left, loss 40',
      'train: 50/100, 2.0/s, 25 s left, loss 50',
      'train: 60/100, 2.0/s, 20 s left, loss 60',
      '',
    ]);
    bar.update(100);
    bar.stop();
    expect(written(stream)).toBe('train: 100/100 in 30 s, loss 60\n');
  });

  it('leaves what was done before out of the speed, and takes the time left from who knows it', () => {
    const stream = sink(false);
    const bar = progress({ label: 'train', total: 100, initial: 80, stream });
    vi.advanceTimersByTime(5000);
    bar.step();
    vi.advanceTimersByTime(5000);
    bar.step('slow ones follow', 600);
    expect(written(stream)).toBe(
      'train: 81/100, 12.0/min, 1 min 35 s left\ntrain: 82/100, 12.0/min, 10 min 0 s left, slow ones follow\n',
    );
    bar.stop();
  });

  it('tells slow work in minutes', () => {
    const stream = sink(false);
    const bar = progress({ label: 'fuse', total: 10, stream });
    vi.advanceTimersByTime(40_000);
    bar.step();
    vi.advanceTimersByTime(3_600_000);
    bar.stop();
    expect(written(stream)).toBe('fuse: 1/10, 1.5/min, 6 min 0 s left\nfuse: 1/10 in 1 h 0 min\n');
  });

  it('writes lines of their own as they are, and text on one line', () => {
    const stream = sink(false);
    const bar = progress({ label: 'fuse', total: 2, stream });
    bar.log('error: a.png: not an image');
    bar.step('two\nlines');
    bar.stop();
    expect(written(stream)).toBe('error: a.png: not an image\nfuse: 1/2 in 0 s, two lines\n');
  });
});

describe('progress on a terminal', () => {
  it('draws a bar with count, speed, time left and text, and leaves one line', () => {
    const stream = sink(true);
    const bar = progress({ label: 'train', total: 4, stream });
    vi.advanceTimersByTime(1000);
    bar.step('loss {bar} 0.5');
    vi.advanceTimersByTime(1000);
    const drawn = written(stream);
    expect(drawn).toContain(`train [${'='.repeat(6)}${'-'.repeat(18)}] 1/4 1.0/s 3 s left loss {bar} 0.5`);
    expect(drawn).not.toContain('\n');

    bar.log('a line');
    bar.stop();
    const [line, last, end] = written(stream).split('\n');
    expect(line?.endsWith('a line')).toBe(true);
    expect(last?.endsWith('train: 1/4 in 2 s, loss {bar} 0.5')).toBe(true);
    expect(end).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never draws a line wider than the terminal', () => {
    const stream = Object.assign(sink(true), { columns: 40 });
    const bar = progress({ label: 'train', total: 4, stream });
    vi.advanceTimersByTime(1000);
    bar.step('x'.repeat(200));
    vi.advanceTimersByTime(1000);
    // Each drawing lies between "cursor to the first column" and "clear to the right".
    const drawings = written(stream)
      .split('\u001b[1G')
      .map((text) => text.split('\u001b')[0]);
    expect(drawings.at(-1)).toHaveLength(40);
    bar.stop();
  });
});

describe('progress', () => {
  it.each([true, false])('is silent when quiet, but for lines of their own (terminal: %s)', (isTTY) => {
    const stream = sink(isTTY);
    const bar = progress({ label: 'train', total: 4, stream, quiet: true });
    vi.advanceTimersByTime(60_000);
    bar.step('text');
    bar.log('error: a.png: not an image');
    bar.stop();
    expect(written(stream)).toBe('error: a.png: not an image\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([true, false])('has nothing against nothing to do (terminal: %s)', (isTTY) => {
    const stream = sink(isTTY);
    progress({ label: 'fuse', total: 0, stream }).stop();
    expect(written(stream).endsWith('fuse: 0/0 in 0 s\n')).toBe(true);
  });

  it('refuses a total that is not a count', () => {
    expect(() => progress({ label: 'fuse', total: Number.NaN })).toThrow(OptionError);
    expect(() => progress({ label: 'fuse', total: 1.5 })).toThrow(
      'total must be a whole number of at least 0',
    );
  });
});
