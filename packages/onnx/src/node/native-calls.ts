import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** Under which name threads find what they share. */
const KEY = '@refusion/onnx: calls into onnxruntime';
/** The numbers that they share: how many calls are under way, and 1 once the process ends. */
const [CALLS, ENDING] = [0, 1];
/** A call that takes longer is not waited for. */
const PATIENCE_MS = 60_000;

/**
 * Has the end of the process wait for calls into onnxruntime that are under way in threads which start from now on: a
 * thread that is ended within one takes the process down, since the runtime's binding can make no result then. Call it in
 * the main thread, before the threads start.
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

/** Does what calls into onnxruntime, counted where the process waits for it. */
export async function nativeCall<R>(call: () => Promise<R>): Promise<R> {
  const counts = isMainThread ? undefined : (getEnvironmentData(KEY) as Int32Array | undefined);
  if (!counts) return call();
  Atomics.add(counts, CALLS, 1);
  const ending = Atomics.load(counts, ENDING) === 1;
  try {
    if (!ending) return await call();
  } finally {
    Atomics.sub(counts, CALLS, 1);
    Atomics.notify(counts, CALLS);
  }
  // The process ends, and this thread with it.
  return new Promise<never>(() => {});
}
