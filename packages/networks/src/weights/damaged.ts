import { FileError } from '@refusion/core';

/** The error for a file that does not keep to the format: one sentence that starts with the file's name. */
export function damaged(source: string, problem: string): FileError {
  return new FileError(
    `${source}: not an intact safetensors file, ${problem}; write it or download it again`,
  );
}

/**
 * A name from an untrusted file as it may appear in a message: quoted, control characters escaped, not endless.
 */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}
