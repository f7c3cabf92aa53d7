/** How many names a sentence has at most. */
const MOST = 20;

/** `01, 02 and 3 more`. */
export function someNames(names: readonly string[]): string {
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : '';
  return `${names.slice(0, MOST).join(', ')}${more}`;
}
