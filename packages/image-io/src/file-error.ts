import { FileError } from '@refusion/core';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder; check the path',
  ENOTDIR: 'a part of the path is a file, not a folder; check the path',
  EISDIR: 'it is a folder; name a file',
  EACCES: 'permission is denied; change the permissions or the path',
  EPERM: 'permission is denied; change the permissions or the path',
  EROFS: 'the disk is read-only; choose another folder',
  ENOSPC: 'the disk is full; free some space',
  ENAMETOOLONG: 'the name is too long; shorten it',
  EMFILE: 'too many files are open; close some',
};

/**
 * A failed operation on a file or folder as one plain sentence.
 * @param operation what failed: `read`, `written`, `listed`.
 * @param cause what Node threw, kept as the error's `cause`.
 */
export function fileError(operation: string, path: string, cause: unknown): FileError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an unknown error';
  return new FileError(`"${path}" cannot be ${operation}: ${REASONS[code] ?? code}`, { cause });
}
