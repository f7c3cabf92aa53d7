/**
 * Has each of some threads do a job, whichever takes it: while one still starts, another may do two.
 * @param run hands a job to whichever thread is free, and says which it was
 * @returns what one of them gave
 */
export async function reachAll<R extends { readonly thread: number }>(
  threads: number,
  run: () => Promise<R>,
): Promise<R> {
  const reached = new Set<number>();
  for (;;) {
    const results = await Promise.all(Array.from({ length: threads }, run));
    for (const { thread } of results) reached.add(thread);
    if (reached.size >= threads) return results[0] as R;
  }
}
