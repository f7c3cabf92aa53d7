/** What the runtime says, in a line, without the places in its sources. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.split('\n');
  const status = line.split('Status Message: ').at(-1) as string;
  return status.replace(/^\S+\.(?:cc|cpp|h):\d+ .*(?:was false\. |\) (?=[A-Z]))/, '').trim();
}

/** Whether the runtime had too little memory. */
export function isOutOfMemory(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /failed to allocate|bad_?alloc|out of memory|cudaErrorMemoryAllocation/i.test(message);
}
