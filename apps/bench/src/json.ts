/**
 * JSON text, with its line break. Numbers that JSON does not have become the strings `"NaN"`, `"Infinity"` and
 * `"-Infinity"`.
 */
export function toJson(value: unknown, indent?: number): string {
  const replacer = (_: string, inner: unknown): unknown =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  return `${JSON.stringify(value, replacer, indent)}\n`;
}
