import { stat } from 'node:fs/promises';

/**
 * What tells that a file has changed, without reading it: its size in bytes and its time of change in nanoseconds since 1970,
 * `12345@1700000000000000000`.
 * @returns null where there is no such file
 */
export async function stampOf(path: string): Promise<string | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  return info && `${info.size}@${info.mtimeNs}`;
}
