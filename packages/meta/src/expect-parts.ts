import { isRecord, kindOf, OptionError, ShapeError } from '@refusion/core';

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
