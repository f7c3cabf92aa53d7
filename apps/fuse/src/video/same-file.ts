import { stat } from 'node:fs/promises';

/** Whether two paths lead to one file, by links or by letters that a file system takes for equal. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all(
    [path, other].map((each) => stat(each, { bigint: true }).catch(() => null)),
  );
  return one !== null && one?.dev === two?.dev && one?.ino === two?.ino;
}
