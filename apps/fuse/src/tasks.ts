import { OptionError } from '@refusion/core';
import { isGray, luminance, type SourcePicture } from '@refusion/image-io';

/** What the two sources of a task are, in the order that its networks are trained with. */
export interface Task {
  readonly a: string;
  readonly b: string;
}

/** The tasks of the paper. */
export const TASKS = {
  ivif: { a: 'infrared', b: 'visible' },
  mif: { a: 'CT, PET or SPECT', b: 'MRI' },
  mfif: { a: 'focused near', b: 'focused far' },
  meif: { a: 'under-exposed', b: 'over-exposed' },
} as const satisfies Record<string, Task>;

export type TaskName = keyof typeof TASKS;

export const TASK_NAMES = Object.keys(TASKS) as readonly TaskName[];

/**
 * What a network was trained for: what the user says, or else what its file does.
 * @param weights the file, for the error.
 * @throws OptionError if the two differ.
 */
export function taskOf(
  chosen: TaskName | undefined,
  metadata: Readonly<Record<string, string>>,
  weights: string,
): TaskName | null {
  const stated = TASK_NAMES.find((name) => name === metadata['task']);
  if (chosen !== undefined && stated !== undefined && chosen !== stated) {
    throw new OptionError(`--task is ${chosen}, but ${weights} says that it was trained for ${stated}`);
  }
  return chosen ?? stated ?? null;
}

/**
 * Why the two sources of a pair may be exchanged; `null` where they look as the task has them, or cannot be told apart.
 */
export function roleDoubt(task: TaskName, a: SourcePicture, b: SourcePicture): string | null {
  const { a: first, b: second } = TASKS[task];
  const exchanged = (reason: string): string =>
    `with ${task}, a is ${first} and b is ${second}, but ${reason}: are --a and --b exchanged?`;
  switch (task) {
    case 'ivif':
      return !isGray(a) && isGray(b) ? exchanged('a is in colour and b is gray') : null;
    case 'mif':
      return isGray(a) && !isGray(b) ? exchanged('b is in colour and a is gray') : null;
    case 'meif':
      return mean(a) > mean(b) ? exchanged('a is brighter than b') : null;
    case 'mfif':
      return null;
  }
}

function mean(source: SourcePicture): number {
  const { data } = luminance(source);
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}
