/** Reads a stream of bytes in pieces of chosen sizes. */
export interface ByteReader {
  /** The next so many bytes; fewer where the stream ends. */
  take(count: number): Promise<Uint8Array>;
}

export function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    take: async (count) => {
      const bytes = new Uint8Array(count);
      let filled = 0;
      while (filled < count) {
        if (rest.length === 0) {
          const next = await iterator.next();
          if (next.done) break;
          rest = next.value;
        }
        const part = rest.subarray(0, count - filled);
        bytes.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return bytes.subarray(0, filled);
    },
  };
}
