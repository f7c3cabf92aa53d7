/** What the two sources of a task are, in the order that its networks are trained with. */
export interface Task {
  readonly a: string;
  readonly b: string;
}

/** The tasks of the paper. */
export const TASKS = {
  ivif: { a: 'infrared', b: 'visible' },
  mif: { a: 'CT, PET or SPECT', b: 'MRI' },
  mfif: { a: 'focused on what is near', b: 'focused on what is far' },
  meif: { a: 'under-exposed', b: 'over-exposed' },
} as const satisfies Record<string, Task>;

export type TaskName = keyof typeof TASKS;

export const TASK_NAMES = Object.keys(TASKS) as readonly TaskName[];
