import { join } from 'node:path';
import { errorLine, type ProgressStream, progress, runBatch } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { type Pair, type PairListing, readPair } from '@refusion/data/node';
import { writeNpy, writePng } from '@refusion/image-io/node';
import type { Fuse, Tone } from '@refusion/pipeline';

export interface FusePairsOptions {
  /** The folder for results; it must exist. */
  readonly out: string;
  /** Whether to write the network's output beside each picture. */
  readonly raw: boolean;
  readonly tone: Tone;
  /** Show nothing but errors. */
  readonly quiet: boolean;
  /** Where progress and errors are shown. */
  readonly stream: ProgressStream;
}

/** A pair that was fused. */
export interface FusedPair {
  readonly stem: string;
  readonly width: number;
  readonly height: number;
  /** The picture's path. */
  readonly file: string;
  /** The path of the network's output; `null` where it was not asked for. */
  readonly raw: string | null;
  /** From reading the sources to having written the results. */
  readonly seconds: number;
}

/** A pair that was not fused. */
export interface FailedPair {
  readonly stem: string;
  readonly message: string;
}

/** What became of the pairs. */
export interface Outcome {
  readonly fused: readonly FusedPair[];
  readonly failed: readonly FailedPair[];
}

/**
 * Fuses pairs one after another and shows the progress. A pair that fails, or of which a partner is missing,
 * is named in one sentence; the others are fused, and the program's exit code becomes 2.
 */
export async function fusePairs(
  fuse: Fuse,
  { pairs, problems }: PairListing,
  options: FusePairsOptions,
): Promise<Outcome> {
  const { out, quiet, stream } = options;
  const [fused, failed]: [FusedPair[], FailedPair[]] = [[], []];
  const items = [...problems, ...pairs];
  const bar = progress({ label: 'fuse', total: items.length, quiet, stream });
  const work = async (item: (typeof items)[number]): Promise<void> => {
    if ('message' in item) throw new FileError(item.message);
    fused.push(await fusePair(fuse, item, options));
    bar.step(item.stem);
  };
  const onError = ({ stem }: { stem: string }, error: unknown): void => {
    failed.push({ stem, message: error instanceof Error ? error.message : String(error) });
    bar.log(errorLine(error, stem));
  };
  try {
    await runBatch(items, work, { onError });
  } finally {
    const failures = failed.length > 0 ? `${failed.length} failed, ` : '';
    bar.update(fused.length, `${failures}results in ${out}`);
    bar.stop();
  }
  return { fused, failed };
}

async function fusePair(fuse: Fuse, pair: Pair, { out, raw, tone }: FusePairsOptions): Promise<FusedPair> {
  const start = performance.now();
  const { a, b } = await readPair(pair);
  const fused = await fuse(a, b, { tone });
  const [height, width] = fused.gray.shape;
  const file = join(out, `${pair.stem}.png`);
  const rawFile = raw ? join(out, `${pair.stem}.npy`) : null;
  if (rawFile !== null) await writeNpy(rawFile, fused.raw);
  await writePng(file, fused.color ?? fused.gray);
  const seconds = (performance.now() - start) / 1000;
  return { stem: pair.stem, width, height, file, raw: rawFile, seconds };
}
