import type { Command } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import type { z } from 'zod';
import { CONFIG, DEFAULTS, type GivenConfig } from './config.js';
import type { Layer } from './configure.js';

/** What stands for the value in the help. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  data: '<root>',
  a: '<folder>',
  b: '<folder>',
  alphaF: '<x>',
  checkpointEvery: '<n>',
};

const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The flags that stand for settings, one for each; those of `network` stand beside the others. */
const FLAGS: readonly { readonly field: string; readonly schema: z.ZodType; readonly value: unknown }[] = [
  ...Object.entries(CONFIG.shape),
  ...Object.entries(CONFIG.shape.network.shape),
].flatMap(([field, schema]) => {
  const value = ({ ...DEFAULTS, ...DEFAULTS.network } as Readonly<Record<string, unknown>>)[field];
  return field === 'network' ? [] : [{ field, schema, value }];
});

/** `metaSteps` is `--meta-steps`, `network.dim` is `--dim`. */
export function flagOf(field: string): string {
  return `--${field.replace(/^network\./, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Gives a program a flag for every setting. */
export function addSettingFlags(program: Command): void {
  for (const { field, schema, value } of FLAGS) {
    const flag = flagOf(field);
    const text = helpText(schema.description ?? '', value);
    if (typeof value === 'boolean') {
      program.option(flag, text).option(`--no-${flag.slice(2)}`, 'do not');
      continue;
    }
    const placeholder = PLACEHOLDERS[field] ?? placeholderOf(schema);
    program.option(`${flag} ${placeholder}`, text, (given: string) => parsedValue(schema, flag, given));
  }
}

/** A setting's description with flags for the names of settings, and its default, told in words where that is null. */
function helpText(description: string, value: unknown): string {
  const [text = '', meaningOfNull] = description.split('; null: ');
  const named = text.replaceAll(/\b[a-z]+[A-Z][a-z]+\b/g, flagOf);
  const standard = value === null ? meaningOfNull : value;
  return standard === undefined ? named : `${named} (default: ${standard})`;
}

function placeholderOf(schema: z.ZodType): string {
  if (schema.safeParse(8.5).success) return '<x>';
  return schema.safeParse(8).success ? '<n>' : '<name>';
}

/** The value that a flag's text stands for: a number where the setting takes one, else the text. */
function parsedValue(schema: z.ZodType, flag: string, text: string): unknown {
  const candidates = NUMBER.test(text) ? [Number(text), text] : [text];
  for (const candidate of candidates) if (schema.safeParse(candidate).success) return candidate;
  const wanted = schema.safeParse(candidates[0]).error?.issues[0]?.message;
  throw new OptionError(`${flag} must be ${wanted}, got "${text}"`);
}

/** The settings among what commander parsed: those that were given. */
export function flagLayer(parsed: Readonly<Record<string, unknown>>): Layer {
  const given = (fields: readonly string[]) =>
    Object.fromEntries(
      fields.filter((field) => parsed[field] !== undefined).map((field) => [field, parsed[field]]),
    );
  const network = given(Object.keys(CONFIG.shape.network.shape));
  const others = given(Object.keys(CONFIG.shape).filter((field) => field !== 'network'));
  const values = Object.keys(network).length > 0 ? { ...others, network } : others;
  return { values: values as GivenConfig, label: flagOf };
}
