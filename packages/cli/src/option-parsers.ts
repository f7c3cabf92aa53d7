import { OptionError } from '@refusion/core';

/** Turns an option's text into its value, or throws an `OptionError` that names the option. For commander. */
export type OptionParser<V> = (text: string) => V;

const DIGITS = /^\d+$/;
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function wrong(option: string, wanted: string, text: string): OptionError {
  return new OptionError(`${option} must be ${wanted}, got "${text}"`);
}

/** A whole number of at least `atLeast`, in digits. */
export function wholeNumber(option: string, { atLeast }: { atLeast: number }): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (DIGITS.test(text) && Number.isSafeInteger(value) && value >= atLeast) return value;
    throw wrong(option, `a whole number of at least ${atLeast}`, text);
  };
}

/** A finite number above 0, such as `0.5` or `1e-4`. */
export function positiveNumber(option: string): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (NUMBER.test(text) && Number.isFinite(value) && value > 0) return value;
    throw wrong(option, 'a number above 0', text);
  };
}

/** A finite number of at least 0. */
export function nonNegativeNumber(option: string): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (NUMBER.test(text) && Number.isFinite(value)) return value;
    throw wrong(option, 'a number of at least 0', text);
  };
}

const SIZE = /^(\d+\.?\d*|\.\d+)\s*([kmgt]?)b?$/i;
const UNITS = ['', 'k', 'm', 'g', 't'];

/** A size in bytes above 0, such as `2GB`, `512MB` or `1.5g`: thousands, not 1024s. */
export function byteSize(option: string): OptionParser<number> {
  return (text) => {
    const match = SIZE.exec(text.trim());
    const unit = UNITS.indexOf(match?.[2]?.toLowerCase() ?? '');
    const bytes = Math.floor(Number(match?.[1]) * 1000 ** unit);
    if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
    throw wrong(option, 'a size such as 2GB or 512MB', text);
  };
}

/** One of the given words. A word that differs in upper case, hyphens and the like alone is suggested, not taken. */
export function choice<V extends string>(option: string, allowed: readonly V[]): OptionParser<V> {
  const plain = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return (text) => {
    const chosen = allowed.find((word) => word === text);
    if (chosen !== undefined) return chosen;
    const meant = allowed.find((word) => plain(word) === plain(text));
    const error = wrong(option, `one of ${allowed.join(', ')}`, text);
    throw meant === undefined ? error : new OptionError(`${error.message}; did you mean ${meant}?`);
  };
}

/** Words separated by commas, each read by `item`: `list('--metrics', choice('--metrics', ['EN', 'SD']))`. */
export function list<V>(option: string, item: OptionParser<V>): OptionParser<V[]>;
export function list(option: string): OptionParser<string[]>;
export function list(option: string, item: OptionParser<unknown> = (text) => text): OptionParser<unknown[]> {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    if (words.includes('')) throw wrong(option, 'a list separated by commas', text);
    return words.map((word) => item(word));
  };
}

/** A folder under a name of the user's choice. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/**
 * NAME=folder, for an option that may be given several times: `--fused ours=out --fused theirs=other`. Each adds to
 * those before it; a name stands once.
 */
export function nameAndPath(
  option: string,
): (text: string, before?: readonly NamedPath[]) => readonly NamedPath[] {
  return (text, before = []) => {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    const path = text.slice(equals + 1);
    if (name === '' || path === '') throw wrong(option, 'NAME=folder', text);
    if (before.some((other) => other.name === name)) {
      throw new OptionError(`${option} has the name "${name}" twice, choose another for "${path}"`);
    }
    return [...before, { name, path }];
  };
}
