import { unlink } from 'node:fs/promises';
import { fileError } from '@refusion/image-io/node';

/**
 * Removes a file, if there is one.
 * @throws FileError if it stays, as a folder does
 */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw fileError('removed', path, cause);
  });
}
