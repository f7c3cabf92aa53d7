import { quoted } from '../damaged.js';
import { isKind, type PickleDict, type PickleTensor, type PickleValue } from './pickle-value.js';
import { damagedPth, unsupportedPth } from './pth-errors.js';

/** How deep dicts may lie in dicts. */
const MAX_DEPTH = 16;

/** The most entries looked at in all dicts together: one dict may lie in many, and in itself. */
const MAX_ENTRIES = 50_000;

/** The longest name of a tensor, in characters. */
const MAX_NAME = 500;

interface Found {
  readonly path: readonly string[];
  readonly tensor: PickleTensor;
}

/**
 * The tensors in nested dicts. A name is the keys on the way, joined by dots, without those that all tensors share: the
 * weights in `{'epoch': 3, 'state_dict': {...}}` keep their own names. What is neither a tensor nor a dict is
 * passed over.
 * @throws FileError if there is no dict, or if it is nested too deeply, too large, or gives two tensors one name.
 */
export function namedTensors(root: PickleValue, source: string): ReadonlyMap<string, PickleTensor> {
  if (!isKind(root, 'dict')) throw unsupportedPth(source, 'it holds no dict of tensors');
  const named = new Map<string, PickleTensor>();
  for (const { path, tensor } of withoutWrapper(find(root, source))) {
    const name = path.join('.');
    if (name.length > MAX_NAME) {
      throw damagedPth(source, `its tensor ${quoted(name)} has a name of more than ${MAX_NAME} characters`);
    }
    if (named.has(name)) throw damagedPth(source, `it names ${quoted(name)} twice`);
    named.set(name, tensor);
  }
  return named;
}

function find(root: PickleDict, source: string): Found[] {
  const found: Found[] = [];
  let seen = 0;
  const visit = (dict: PickleDict, path: readonly string[]): void => {
    if (path.length >= MAX_DEPTH) throw damagedPth(source, `its dicts are nested deeper than ${MAX_DEPTH}`);
    for (const [key, value] of dict.entries) {
      seen++;
      if (seen > MAX_ENTRIES) throw damagedPth(source, `its dicts have more than ${MAX_ENTRIES} entries`);
      if (isKind(value, 'tensor')) found.push({ path: [...path, keyText(key, source)], tensor: value });
      if (isKind(value, 'dict')) visit(value, [...path, keyText(key, source)]);
    }
  };
  visit(root, []);
  return found;
}

/** A key as part of a name; optimisers number their dicts. */
function keyText(key: PickleValue, source: string): string {
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  throw unsupportedPth(source, 'one of its dicts has a key that is neither text nor a number');
}

/** Leaves out the first keys where they are the same for all tensors. */
function withoutWrapper(found: readonly Found[]): readonly Found[] {
  const wrapper = found[0]?.path[0];
  const wrapped = found.every(({ path }) => path.length > 1 && path[0] === wrapper);
  if (found.length === 0 || !wrapped) return found;
  return withoutWrapper(found.map(({ path, tensor }) => ({ path: path.slice(1), tensor })));
}
