/**
 * An error that a user can act on. Its message is one plain sentence: which file, option or argument, what is
 * wrong, what to do. Apps print the message alone and exit with code 2.
 */
export class RefusionError extends Error {
  override readonly name: string = 'RefusionError';
}

/** An array whose shape is not the one a function needs. */
export class ShapeError extends RefusionError {
  override readonly name = 'ShapeError';
}

/** An argument or option outside its range. */
export class OptionError extends RefusionError {
  override readonly name = 'OptionError';
}

/** A file or folder that cannot be read, written or understood. */
export class FileError extends RefusionError {
  override readonly name = 'FileError';
}
