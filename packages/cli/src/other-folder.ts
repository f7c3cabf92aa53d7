import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OptionError } from '@refusion/core';

/**
 * Keeps results away from sources, which those of the same name would replace.
 * @param sources files or folders, by option; one that does not exist is in no danger.
 * @throws OptionError if `out` is the folder of one of them, by whatever path.
 */
export async function expectOtherFolder(
  out: string,
  sources: Readonly<Record<string, string>>,
): Promise<void> {
  // A folder that is not there yet is no source's.
  const target = await stat(out).catch(() => null);
  for (const [option, source] of Object.entries(sources)) {
    const found = await stat(source).catch(() => null);
    if (!found) continue;
    const folder = found.isDirectory() ? found : await stat(dirname(source));
    if (folder.dev === target?.dev && folder.ino === target.ino) {
      throw new OptionError(
        `--out must not be the folder of ${option}, whose pictures would be replaced, got "${out}"`,
      );
    }
  }
}
