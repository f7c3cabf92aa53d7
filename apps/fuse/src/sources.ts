import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expectOtherFolder } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { listPairs, type PairListing, readPairList } from '@refusion/data/node';
import { fileError } from '@refusion/image-io/node';

/** Where pairs come from, as the options say. */
export interface SourceOptions {
  readonly a?: string;
  readonly b?: string;
  readonly pairs?: string;
  readonly watch?: true;
  readonly jobs?: number;
  readonly batch?: number;
}

/** Pairs that are there, or two folders that fill up. */
export type Sources =
  | { readonly kind: 'listing'; readonly listing: PairListing }
  | { readonly kind: 'watch'; readonly a: string; readonly b: string };

/**
 * Finds the pairs, and makes sure that results will not replace them.
 * @param out the folder for results.
 * @throws OptionError, FileError if the options do not fit together, or what they name is not there.
 */
export async function findSources(options: SourceOptions, out: string): Promise<Sources> {
  if (options.pairs !== undefined) return fromList(options.pairs, options, out);
  const a = given('--a', options.a);
  const b = given('--b', options.b);
  if (!options.watch) {
    const listing = await listPairs({ a, b });
    await expectTwoFolders(a, b);
    await expectOtherFolder(out, { '--a': a, '--b': b });
    return { kind: 'listing', listing };
  }
  for (const [option, count] of Object.entries({ '--jobs': options.jobs, '--batch': options.batch })) {
    if (count !== undefined) throw new OptionError(`--watch fuses pair by pair, leave ${option} out`);
  }
  await expectFolder('--a', a);
  await expectFolder('--b', b);
  await expectTwoFolders(a, b);
  await expectOtherFolder(out, { '--a': a, '--b': b });
  return { kind: 'watch', a, b };
}

async function fromList(list: string, { a, b, watch }: SourceOptions, out: string): Promise<Sources> {
  const other = Object.entries({ '--a': a, '--b': b, '--watch': watch }).find(
    ([, value]) => value !== undefined,
  );
  if (other) throw new OptionError(`--pairs names both sources of each pair, leave ${other[0]} out`);
  const listing = await readPairList(list);
  const files = listing.pairs.flatMap((pair) => [pair.a, pair.b]);
  const folders = new Map(files.map((file) => [`"${dirname(file)}"`, file]));
  await expectOtherFolder(out, Object.fromEntries(folders));
  return { kind: 'listing', listing };
}

/** Each picture would be fused with itself. */
async function expectTwoFolders(a: string, b: string): Promise<void> {
  if ((await realpath(a)) !== (await realpath(b)) || !(await stat(a)).isDirectory()) return;
  throw new OptionError(`--a and --b must be two folders, both are "${a}"`);
}

async function expectFolder(option: string, path: string): Promise<void> {
  const found = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  if (!found.isDirectory())
    throw new OptionError(`--watch watches folders, and ${option} is none, got "${path}"`);
}

/** Checked here: commander would ask other commands for these options, too. */
export function given(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new OptionError(`the option ${option} is missing, see refusion-fuse --help`);
}
