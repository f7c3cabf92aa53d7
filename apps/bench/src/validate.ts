import { FileError } from '@refusion/core';
import type { z } from 'zod';

/**
 * A file's content as a schema wants it.
 * @param name names the file in errors
 * @throws FileError that names the first field that is wrong: `"table.yaml": datasets[1].a must be ...`
 */
export function validate<V>(schema: z.ZodType<V>, value: unknown, name: string): V {
  const parsed = schema.safeParse(value, { error: complaint });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
  throw new FileError(`"${name}": ${fieldOf(path) || 'the file'} ${message}`);
}

/** `['datasets', 1, 'a']` as `datasets[1].a`. */
function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** What is wrong with a field, to stand after its name. */
function complaint(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `has the unknown field "${issue.keys[0]}"; check its spelling and its place`;
  }
  if (issue.input === undefined) return 'is missing';
  return `must be ${wanted(issue)}, got ${shown(issue.input)}`;
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
  string: 'a text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  tuple: 'a list',
  null: 'null',
};

function wanted(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `at least ${issue.minimum}`
        : issue.origin === 'string'
          ? 'a text that is not empty'
          : `a list of at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return 'as the schema says';
  }
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
