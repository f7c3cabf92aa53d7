/** How many items of a batch were worked through, and how many were not. */
export interface BatchCounts {
  readonly done: number;
  readonly failed: number;
}

export interface BatchOptions<I> {
  readonly onError: (item: I, error: unknown) => void;
  /** How many items are under way at a time. Default 1: one after another. */
  readonly lanes?: number;
}

/**
 * Works through items. One that fails is reported to `onError` and the others still run. If any failed, the program's
 * exit code becomes 2.
 * @example
 * const { done, failed } = await runBatch(pairs, fusePair, {
 *   onError: (pair, error) => bar.log(errorLine(error, pair.name)),
 * });
 */
export async function runBatch<I>(
  items: Iterable<I> | AsyncIterable<I>,
  work: (item: I) => void | Promise<void>,
  { onError, lanes = 1 }: BatchOptions<I>,
): Promise<BatchCounts> {
  let done = 0;
  let failed = 0;
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      try {
        await work(next.value);
        done++;
      } catch (error) {
        onError(next.value, error);
        failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failed > 0) process.exitCode = 2;
  return { done, failed };
}
