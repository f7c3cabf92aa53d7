import { damaged, quoted } from './damaged.js';

/** A header, a tensor's entry, and a list in it: the format nests no deeper. */
const DEEPEST = 3;

/**
 * Checks what `JSON.parse` does not: the format forbids a key twice in one object, where the parser silently keeps
 * the last.
 * @param json JSON that has been parsed without an error.
 * @throws FileError if a key stands twice in one object, or if the nesting is deeper than the format's.
 */
export function expectUniqueKeys(json: string, source: string): void {
  // One set of keys for each object that is open now; lists keep an empty one.
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') {
      open.push(new Set());
      if (open.length > DEEPEST) throw damaged(source, 'its header is nested too deeply');
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(json, at);
      if (isKey(json, end)) {
        // Parsed, because "a" and "\u0061" are the same key.
        addKey(open.at(-1), JSON.parse(json.slice(at, end)) as string, source);
      }
      at = end - 1;
    }
  }
}

/** The index just after the string that starts at `at`. */
function endOfString(json: string, at: number): number {
  let end = at + 1;
  while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

function isKey(json: string, end: number): boolean {
  let next = end;
  while (' \t\n\r'.includes(json.charAt(next)) && next < json.length) next++;
  return json[next] === ':';
}

function addKey(keys: Set<string> | undefined, key: string, source: string): void {
  if (keys?.has(key)) throw damaged(source, `its header names ${quoted(key)} twice`);
  keys?.add(key);
}
