/** What somebody handed in, before it is known what it is. */
type Handed = { readonly [name: string]: unknown };

/** Whether a value has entries by name. */
export function isRecord(value: unknown): value is Handed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a tensor or an array, as far as its shape tells. */
export function hasShape(value: unknown): value is { readonly shape: readonly number[] } {
  return isRecord(value) && Array.isArray(value['shape']) && value['shape'].every(Number.isInteger);
}

/**
 * What a value is, for a message: its kind, and no more of it than fits into a sentence.
 * @example
 * kindOf(new Float64Array(3)); // 'a Float64Array'
 */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'function' ? 'a function' : `the ${typeof value} ${String(value).slice(0, 40)}`;
}
