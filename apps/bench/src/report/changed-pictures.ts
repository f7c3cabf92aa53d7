import type { DataSetResults } from '../results/results.js';
import { stampOf } from '../stamp.js';

/**
 * What is to be said of pictures that are not those that were scored: their size or time of change is another. Pictures that
 * are gone, or of which the results do not say, are passed over.
 * @returns a sentence, or null
 */
export async function changedPictures({ pairs, methods }: DataSetResults): Promise<string | null> {
  const known = [
    ...pairs.flatMap(({ a, b, truth, stamps }) => [
      [a, stamps?.a],
      [b, stamps?.b],
      ...(truth === undefined ? [] : [[truth, stamps?.truth]]),
    ]),
    ...methods.flatMap(({ fused, stamps = [] }) => fused.map((path, place) => [path, stamps[place]])),
  ] as [path: string, stamp: string | undefined][];
  const changed: string[] = [];
  for (const [path, stamp] of known) {
    const now = stamp === undefined ? null : await stampOf(path);
    if (now !== null && now !== stamp) changed.push(path);
  }
  if (changed.length === 0) return null;
  const subject = changed.length === 1 ? '1 picture has' : `${changed.length} pictures have`;
  return `${subject} changed since the scores were computed, by size or time: "${changed[0]}"${changed.length > 1 ? ' and others' : ''}; score again if what is shown is to be what was scored.`;
}
