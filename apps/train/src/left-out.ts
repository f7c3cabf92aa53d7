import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@refusion/image-io/node';

/** So many of the pairs that cannot be used are told one by one. */
const TOLD = 5;
const FILE = 'left-out.txt';

/**
 * What is told of the pairs that cannot be used, a line each: the first ones and, where there are many, in which file of
 * the run all of them stand.
 * @throws FileError if that file cannot be written
 */
export async function leftOut(run: string, problems: readonly string[]): Promise<string[]> {
  const path = join(run, FILE);
  const lines = problems.slice(0, TOLD).map((problem) => `left out: ${problem}`);
  if (problems.length <= TOLD) {
    await rm(path, { force: true });
    return lines;
  }
  await writeFileAtomic(path, `${problems.join('\n')}\n`);
  return [...lines, `left out: ${problems.length - TOLD} more; all ${problems.length} are named in ${path}`];
}
