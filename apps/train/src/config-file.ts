import { readFile, stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';
import { parse } from 'yaml';
import { z } from 'zod';
import { CONFIG, DEFAULTS, PRESET_NAMES } from './config.js';
import { checkedValues, type Layer, presetLayer } from './configure.js';

/** The largest configuration file read, in bytes: hundreds of times what settings need. */
const MAX_BYTES = 1_000_000;

/**
 * Reads a configuration file, YAML or JSON: settings by name, and possibly `preset` and `$schema`.
 * @returns the preset's settings and the file's own, in that order
 * @throws FileError if it cannot be read or is neither; OptionError naming the file and the field that does not fit
 */
export async function configFileLayers(path: string): Promise<Layer[]> {
  const label = (field: string): string => `${path}: ${field}`;
  const content = await parsed(path);
  const { preset, $schema: _schema, ...values } = isRecord(content) ? content : { preset: undefined };
  if (content === null) throw new FileError(`${path}: has no settings in it, write some such as "epochs: 2"`);
  const given = checkedValues(isRecord(content) ? values : content, label);
  return [presetLayer(preset as string | undefined, label), { values: given, label }];
}

async function parsed(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    // Aliases are counted by the parser, so that a small file cannot become a huge value.
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new FileError(`${path}: neither YAML nor JSON, ${reason?.replace(/:$/, '')}`, { cause: error });
  }
}

async function readText(path: string): Promise<string> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  if (!info.isFile() && !info.isDirectory())
    throw new FileError(`${path}: not a regular file, name a configuration file`);
  if (info.size > MAX_BYTES) {
    throw new FileError(`${path}: ${info.size} bytes, name a configuration file of at most ${MAX_BYTES}`);
  }
  return readFile(path, 'utf8').catch((cause) => {
    throw fileError('read', path, cause);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON Schema of a configuration file; `config.schema.json` of this package is this, and editors complete by it. */
export function configSchema(): object {
  const { properties, ...rest } = z.toJSONSchema(CONFIG.partial(), { io: 'input' });
  const { network, ...others } = properties as Record<string, { properties?: object }>;
  const withDefaults = Object.entries(others).map(([name, schema]) => {
    const value = (DEFAULTS as Readonly<Record<string, unknown>>)[name];
    return [name, value === undefined ? schema : { ...schema, default: value }] as const;
  });
  const { required: _all, ...sizes } = network as { required?: unknown };
  return {
    ...rest,
    title: 'The settings of refusion-train',
    properties: {
      $schema: { type: 'string' },
      preset: { enum: PRESET_NAMES, description: 'a named set of settings, under those of this file' },
      ...Object.fromEntries(withDefaults),
      network: { ...sizes, default: DEFAULTS.network },
    },
  };
}
