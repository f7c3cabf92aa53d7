/** How many items of a batch were worked through, and how many were not. */
export interface BatchCounts {
  readonly done: number;
  readonly failed: number;
}

/**
 * Works through items one after another. One that fails is reported to `onError` and the others still run. If any
 * failed, the program's exit code becomes 2.
 * @example
 * const { done, failed } = await runBatch(pairs, fusePair, {
 *   onError: (pair, error) => bar.log(errorLine(error, pair.name)),
 * });
 */
export async function runBatch<I>(
  items: Iterable<I> | AsyncIterable<I>,
  work: (item: I) => void | Promise<void>,
  { onError }: { onError: (item: I, error: unknown) => void },
): Promise<BatchCounts> {
  let done = 0;
  let failed = 0;
  for await (const item of items) {
    try {
      await work(item);
      done++;
    } catch (error) {
      onError(item, error);
      failed++;
    }
  }
  if (failed > 0) process.exitCode = 2;
  return { done, failed };
}
