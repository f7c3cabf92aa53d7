import { FileError } from '@refusion/core';

/** The error for a `.pth` that breaks its own format: one sentence that starts with the file's name. */
export function damagedPth(source: string, problem: string, cause?: unknown): FileError {
  return new FileError(
    `${source}: not an intact PyTorch file, ${problem}; save it or download it again`,
    cause === undefined ? {} : { cause },
  );
}

/** The error for a `.pth` that may be intact and holds what a state dict does not need. */
export function unsupportedPth(source: string, problem: string): FileError {
  return new FileError(
    `${source}: ${problem}; save the tensors alone, with torch.save(model.state_dict(), path)`,
  );
}
