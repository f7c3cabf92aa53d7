import { OptionError, ShapeError } from './errors.js';
import { hasShape, isRecord, kindOf } from './kind.js';
import type { Shape } from './ndarray.js';

/** Anything that has a shape: an array, or an engine's tensor. */
export interface Shaped {
  readonly shape: Shape;
}

/** Whether two shapes are equal axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** @throws ShapeError unless `x` has exactly this shape; `null` in `expected` stands for any length. */
export function expectShape(
  where: string,
  name: string,
  x: Shaped,
  expected: readonly (number | null)[],
): void {
  const fits =
    x.shape.length === expected.length &&
    expected.every((length, axis) => length === null || length === x.shape[axis]);
  if (fits) return;
  const wanted = expected.map((length) => length ?? '*').join(',');
  throw new ShapeError(`${where}: ${name} must have the shape [${wanted}], got [${x.shape}]`);
}

/** @throws ShapeError unless `x` has the shape of `like`. */
export function expectSameShape(
  where: string,
  name: string,
  x: Shaped,
  likeName: string,
  like: Shaped,
): void {
  if (sameShape(x.shape, like.shape)) return;
  throw new ShapeError(
    `${where}: ${name} must have the shape of ${likeName} [${like.shape}], got [${x.shape}]`,
  );
}

/** @throws OptionError unless `value` is a whole number of at least `least`, and at most `most`. */
export function expectInteger(
  where: string,
  name: string,
  value: number,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new OptionError(`${where}: ${name} must be a whole number ${range}, got ${value}`);
}

/** @throws OptionError unless `value` is a finite number above zero. */
export function expectPositive(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new OptionError(`${where}: ${name} must be a number above 0, got ${value}`);
}

/** @throws OptionError unless `value` is a finite number of at least zero. */
export function expectNotNegative(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new OptionError(`${where}: ${name} must be a number of at least 0, got ${value}`);
}

/** @throws OptionError unless `value` is one of `allowed`. */
export function expectOneOf<V extends string>(
  where: string,
  name: string,
  value: string,
  allowed: readonly V[],
): asserts value is V {
  if ((allowed as readonly string[]).includes(value)) return;
  throw new OptionError(`${where}: ${name} must be one of ${allowed.join(', ')}, got "${value}"`);
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
