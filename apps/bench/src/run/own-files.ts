/** The files of scores in the folder of `bench run`, in every format that others read. */
export const RESULTS = ['results.json', 'results.csv', 'results.md', 'results.tex'] as const;
/** Scores that are known already. */
export const JOURNAL = 'scores.jsonl';
/** Stands there while a run writes to the folder. */
export const LOCK = 'run.lock';

/** Whether a file of `bench run` is called that; some systems do not tell upper case from lower. */
export function isOwnFile(name: string): boolean {
  const own: readonly string[] = [...RESULTS, JOURNAL, `${JOURNAL}.lock`, LOCK];
  return own.includes(name.toLowerCase());
}
