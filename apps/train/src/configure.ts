import { OptionError } from '@refusion/core';
import { networkConfig } from '@refusion/networks';
import type { z } from 'zod';
import {
  CONFIG,
  DEFAULTS,
  type GivenConfig,
  PRESET_NAMES,
  PRESETS,
  type PresetName,
  type TrainConfig,
} from './config.js';

/** Settings from one place, and what messages call a setting of that place: `--meta-steps`, `run.yaml: metaSteps`. */
export interface Layer {
  readonly values: GivenConfig;
  readonly label: (field: string) => string;
}

/** How settings given in code are called. */
const inCode = (field: string): string => `trainConfig: ${field}`;

/**
 * A configuration from code: what is given, over the preset, over the defaults; checked.
 * @throws OptionError naming the field that does not fit
 * @example
 * const config = trainConfig({ preset: 'small', data: 'synthetic', task: 'mfif' });
 */
export function trainConfig(given: GivenConfig & { readonly preset?: PresetName }): TrainConfig {
  const { preset, ...values } = given;
  return completed([presetLayer(preset, inCode), { values: checkedValues(values, inCode), label: inCode }]);
}

const PARTIAL = CONFIG.partial().extend({ network: CONFIG.shape.network.partial().optional() });

/**
 * Settings of which nothing is known yet, checked one by one.
 * @throws OptionError naming the first that does not fit
 */
export function checkedValues(values: unknown, label: Layer['label']): GivenConfig {
  const result = PARTIAL.safeParse(values);
  // Fields that are absent must be left out, or they would hide those of a lower layer.
  if (result.success) return result.data as GivenConfig;
  throw new OptionError(sentence(result.error.issues[0] as z.core.$ZodIssue, values, label));
}

/** What is wrong with a setting, as one sentence. */
export function sentence(issue: z.core.$ZodIssue, values: unknown, label: Layer['label']): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const similar = similarSetting(unknown);
    const advice = similar ? `, use ${similar}` : '';
    return `${label([...path, unknown].join('.'))} is no setting${advice}`;
  }
  const got = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values);
  if (path.length === 0) return `${label('the settings')} must be a record, got ${JSON.stringify(got)}`;
  return `${label(path.join('.'))} must be ${issue.message}, got ${shown(got)}`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

function settingNames(): string[] {
  return [...Object.keys(CONFIG.shape), 'network.dim', 'network.blocks', 'network.heads', 'network.ffn'];
}

/** The setting that was meant by a name that is none: written in another way, or not to its end, or beyond. */
function similarSetting(unknown: string): string | undefined {
  const [meant, names] = [plain(unknown), settingNames()];
  const begins = (name: string): boolean =>
    meant.length > 2 && (name.startsWith(meant) || meant.startsWith(name));
  return (
    names.find((name) => plain(name) === meant) ??
    names.find((name) => plain(name).length > 2 && begins(plain(name)))
  );
}

/** A name without what people write differently; `dim` finds `network.dim`. */
function plain(name: string): string {
  return name
    .replace(/^network\./, '')
    .replaceAll(/[-_ ]/g, '')
    .toLowerCase();
}

/**
 * The settings of a preset; none where no preset is named.
 * @throws OptionError if there is no such preset
 */
export function presetLayer(name: string | undefined, label: Layer['label']): Layer {
  if (name === undefined) return { values: {}, label };
  const preset = PRESET_NAMES.find((each) => each === name);
  if (preset) return { values: PRESETS[preset], label };
  throw new OptionError(`${label('preset')} must be one of ${PRESET_NAMES.join(', ')}, got ${shown(name)}`);
}

/** Later layers over earlier ones; networks are merged field by field. */
export function merged(layers: readonly GivenConfig[]): GivenConfig {
  const networks = layers.flatMap(({ network }) => network ?? []);
  const network =
    networks.length > 0 ? { network: Object.assign({}, ...networks) as GivenConfig['network'] } : {};
  return { ...Object.assign({}, ...layers), ...network };
}

/** What messages call a setting: as the layer that it comes from does; one that nobody gave, as the topmost. */
export function labelIn(layers: readonly Layer[]): Layer['label'] {
  return (field) => {
    const [name, part] = field.split('.') as [keyof GivenConfig, string?];
    const gives = ({ values }: Layer): boolean =>
      part === undefined || typeof values[name] !== 'object'
        ? values[name] !== undefined
        : Object.hasOwn(values[name] as object, part);
    const origin = layers.findLast(gives) ?? layers.at(-1);
    return origin ? origin.label(field) : field;
  };
}

/**
 * All layers over the defaults, with what single settings cannot tell checked.
 * @throws OptionError naming the setting, as the layer that it comes from calls it
 */
export function completed(layers: readonly Layer[]): TrainConfig {
  const labelOf = labelIn(layers);
  const config = merged([DEFAULTS, ...layers.map(({ values }) => values)]) as TrainConfig;
  if (config.data === undefined) {
    throw new OptionError(`${labelOf('data')} is missing: name a folder of pairs, or "synthetic"`);
  }
  expectSources(config, labelOf);
  expectNetwork(config, labelOf);
  return config;
}

/** What a network can be is known to its package, which does not know how its sizes are given here. */
function expectNetwork({ network }: TrainConfig, labelOf: Layer['label']): void {
  try {
    networkConfig(network);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const [, field, rest] = /^network: (\w+)(.*)$/s.exec(error.message) ?? [];
    if (field === undefined) throw error;
    throw new OptionError(`${labelOf(`network.${field}`)}${rest}`, { cause: error });
  }
}

/** The folders of the sources belong to a folder of data, and to nothing else. */
function expectSources({ data, a, b }: TrainConfig, labelOf: Layer['label']): void {
  const [nameData, nameA, nameB] = [labelOf('data'), labelOf('a'), labelOf('b')];
  if (data !== 'synthetic' && (a === null || b === null)) {
    throw new OptionError(
      `${nameData} names a folder, so ${nameA} and ${nameB} must name the folders of the two sources in it`,
    );
  }
  if (data === 'synthetic' && (a !== null || b !== null)) {
    throw new OptionError(
      `${nameData} is synthetic, so leave out ${nameA} and ${nameB}, or let ${nameData} name their folder`,
    );
  }
  if (data !== 'synthetic' && a === b) {
    throw new OptionError(`${nameA} and ${nameB} must be two folders, got "${a}" for both`);
  }
}
