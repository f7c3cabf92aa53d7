import { OptionError, ShapeError } from '@refusion/core';

/** What somebody handed in, before it is known what it is. */
type Handed = { readonly [name: string]: unknown };

export function isRecord(value: unknown): value is Handed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for a message: its kind, and no more of it than fits into a sentence. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'function' ? 'a function' : `the ${typeof value} ${String(value).slice(0, 40)}`;
}

/** Whether a value is a tensor or an array, as far as its shape tells. */
export function hasShape(value: unknown): value is { readonly shape: readonly number[] } {
  return isRecord(value) && Array.isArray(value['shape']) && value['shape'].every(Number.isInteger);
}

/** @throws OptionError unless the value is a record that has these functions */
export function expectFunctions(where: string, name: string, value: unknown, names: readonly string[]): void {
  const missing = isRecord(value) ? names.find((each) => typeof value[each] !== 'function') : names[0];
  if (missing === undefined) return;
  const got = isRecord(value) ? kindOf(value[missing as string]) : kindOf(value);
  const what = isRecord(value)
    ? `${name}.${missing} must be a function`
    : `${name} must have a function ${missing}`;
  throw new OptionError(`${where}: ${what}, got ${got}`);
}

/** @throws OptionError unless the value is a record, each entry of which is a tensor */
export function expectTensors(where: string, name: string, value: unknown): void {
  if (!isRecord(value) || hasShape(value)) {
    const got = hasShape(value) ? 'a single tensor' : kindOf(value);
    throw new OptionError(`${where}: ${name} must be a record of tensors by name, got ${got}`);
  }
  const wrong = Object.keys(value).find((each) => !hasShape(value[each]));
  if (wrong === undefined) return;
  throw new OptionError(`${where}: ${name}.${wrong} must be a tensor, got ${kindOf(value[wrong])}`);
}

/** @throws OptionError unless the value is a record that has these names */
export function expectNames(where: string, name: string, value: unknown, names: readonly string[]): void {
  if (!isRecord(value)) {
    throw new OptionError(`${where}: ${name} must be a record of ${names.join(', ')}, got ${kindOf(value)}`);
  }
  const missing = names.find((each) => value[each] === undefined);
  if (missing !== undefined) throw new OptionError(`${where}: ${name}.${missing} is missing`);
}

/** @throws ShapeError unless the value, which has a shape, is a scalar */
export function expectScalar(
  where: string,
  name: string,
  { shape }: { readonly shape: readonly number[] },
): void {
  if (shape.length === 0) return;
  throw new ShapeError(`${where}: ${name} must be a scalar, such as a mean over all pixels, got [${shape}]`);
}
