import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** Under which name threads find what they share. */
const KEY = '@refusion/core: what threads may not be ended within';
/** The numbers that they share: how many calls are under way, and 1 once the process ends. */
const [CALLS, ENDING] = [0, 1];
/** A call that takes longer is not waited for. */
const PATIENCE_MS = 60_000;

/**
 * Has the end of the process wait for what threads that start from now on do within `outlived` and `replaceFile`, which
 * is not to be cut off in the middle. Call it in the main thread, before the threads start.
 */
export function outliveThreads(): void {
  if (!isMainThread || getEnvironmentData(KEY) !== undefined) return;
  const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  setEnvironmentData(KEY, counts);
  process.once('exit', () => awaitCalls(counts));
}

/** Lets no call begin any more, and blocks until those under way have ended. */
function awaitCalls(counts: Int32Array): void {
  Atomics.store(counts, ENDING, 1);
  const latest = performance.now() + PATIENCE_MS;
  for (let calls = counted(counts); calls > 0; calls = counted(counts)) {
    if (Atomics.wait(counts, CALLS, calls, latest - performance.now()) === 'timed-out') return;
  }
}

function counted(counts: Int32Array): number {
  return Atomics.load(counts, CALLS);
}

/**
 * Does what a thread may not be ended within, such as calls into native code. Where `outliveThreads` was called, the end
 * of the process waits for it; once that has begun, it is not done any more, and never resolves.
 */
export async function outlived<R>(call: () => Promise<R>): Promise<R> {
  const end = begin();
  if (end === null) return new Promise<never>(() => {});
  try {
    return await call();
  } finally {
    end();
  }
}

/** `outlived` for what blocks. @throws Error once the process ends, which nobody hears */
export function outlivedSync<R>(call: () => R): R {
  const end = begin();
  if (end === null) throw new Error('the process ends, and this thread with it');
  try {
    return call();
  } finally {
    end();
  }
}

/** Counts a call, where the process waits for it. @returns what ends it; null if the process ends already */
function begin(): (() => void) | null {
  const counts = isMainThread ? undefined : (getEnvironmentData(KEY) as Int32Array | undefined);
  if (!counts) return () => {};
  const end = (): void => {
    Atomics.sub(counts, CALLS, 1);
    Atomics.notify(counts, CALLS);
  };
  Atomics.add(counts, CALLS, 1);
  if (Atomics.load(counts, ENDING) !== 1) return end;
  end();
  return null;
}
