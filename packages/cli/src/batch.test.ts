import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBatch } from './batch.js';

// The exit code of the test run itself must not change.
let exitCode: typeof process.exitCode;
beforeEach(() => {
  exitCode = process.exitCode;
});
afterEach(() => {
  process.exitCode = exitCode;
});

describe('runBatch', () => {
  it('names the items that fail and runs the others, in order', async () => {
    const ran: string[] = [];
    const failures: string[] = [];
    const work = async (item: string): Promise<void> => {
      await Promise.resolve();
      if (item.startsWith('bad')) throw new Error(`${item} is broken`);
      ran.push(item);
    };
    const onError = (item: string, error: unknown): void => {
      failures.push(`${item}: ${(error as Error).message}`);
    };
    expect(await runBatch(['a', 'bad1', 'b', 'bad2'], work, { onError })).toEqual({ done: 2, failed: 2 });
    expect(ran).toEqual(['a', 'b']);
    expect(failures).toEqual(['bad1: bad1 is broken', 'bad2: bad2 is broken']);
    expect(process.exitCode).toBe(2);
  });

  it('has no more items under way than lanes, and takes the next when one ends', async () => {
    let underWay = 0;
    let most = 0;
    const started: number[] = [];
    const work = async (item: number): Promise<void> => {
      started.push(item);
      most = Math.max(most, ++underWay);
      for (let i = 0; i < item; i++) await Promise.resolve();
      underWay--;
    };
    const items = [9, 1, 1, 1, 9];
    const counts = await runBatch(items, work, { onError: () => undefined, lanes: 2 });
    expect({ counts, started, most }).toEqual({ counts: { done: 5, failed: 0 }, started: items, most: 2 });
  });

  it('counts a failure of synchronous work, and takes items as they arrive', async () => {
    async function* arriving(): AsyncGenerator<number> {
      yield 1;
      yield 2;
    }
    const work = (item: number): void => {
      if (item === 1) throw new Error('no');
    };
    expect(await runBatch(arriving(), work, { onError: () => undefined })).toEqual({ done: 1, failed: 1 });
  });

  it('leaves the exit code alone when nothing fails', async () => {
    const onError = (): void => undefined;
    expect(await runBatch([1, 2], () => undefined, { onError })).toEqual({ done: 2, failed: 0 });
    expect(process.exitCode).toBe(exitCode);
  });
});
