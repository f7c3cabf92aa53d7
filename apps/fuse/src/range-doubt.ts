import type { SourcePicture, ValueRange } from '@refusion/image-io';
import { readExtremes } from '@refusion/image-io/node';

/**
 * Why a range shows nothing of a source; `null` where it shows something.
 * @param path the source's file, read once more where nothing of it is seen.
 * @param option the option that gave the range.
 */
export async function rangeDoubt(
  path: string,
  { data }: SourcePicture,
  range: ValueRange | undefined,
  option: string,
): Promise<string | null> {
  if (range === undefined || !('low' in range)) return null;
  const first = data[0];
  if ((first !== 0 && first !== 255) || !data.every((value) => value === first)) return null;
  const { low, high } = await readExtremes(path);
  if (low <= range.high && high >= range.low) return null;
  return `"${path}" has values from ${low} to ${high}, of which ${option} ${range.low}..${range.high} shows none: name another range`;
}
