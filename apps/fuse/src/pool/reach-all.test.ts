import { expect, it } from 'vitest';
import { reachAll } from './reach-all.js';

it('goes on until every thread has had a job', async () => {
  // The second thread starts while the first does both jobs.
  const threads = [1, 1, 2, 1, 9];
  const asked: number[] = [];
  const run = async (): Promise<{ thread: number }> => {
    const thread = threads[asked.length] as number;
    asked.push(thread);
    return { thread };
  };
  expect(await reachAll(2, run)).toEqual({ thread: 2 });
  expect(asked).toEqual([1, 1, 2, 1]);
});
