import {
  expectInteger,
  expectOneOf,
  expectSameShape,
  hasShape,
  isRecord,
  kindOf,
  OptionError,
  type Params,
  ShapeError,
  sizeOf,
} from '@refusion/core';
import { expectNames } from './expect-parts.js';
import type { Numbers, SavedState, SavedValues } from './saved-state.js';
import { PHASES } from './training-state.js';

const WHERE = 'restoredState';

/** The parts of a state, and the parameters whose names and shapes each has. */
const PARTS: { readonly [part: string]: string } = {
  fusion: 'fusion',
  'fusion-m': 'fusion',
  'fusion-v': 'fusion',
  objective: 'objective',
  'objective-m': 'objective',
  'objective-v': 'objective',
  proposal: 'proposal',
  'proposal-m': 'proposal',
  'proposal-v': 'proposal',
  'proposal-pending': 'proposal',
};

/** @throws OptionError unless these are the plain values of a state */
export function expectValues(values: SavedValues): void {
  expectNames(WHERE, 'values', values, ['position', 'streams', 'updates', 'pending']);
  const { position, streams, updates, pending } = values;
  expectNames(WHERE, 'values.updates', updates, ['fusion', 'objective', 'proposal']);
  for (const [name, count] of Object.entries({ ...updates, pending })) expectInteger(WHERE, name, count, 0);
  expectNames(WHERE, 'values.position', position, ['epoch', 'phase', 'step']);
  expectInteger(WHERE, 'position.epoch', position.epoch, 0);
  expectInteger(WHERE, 'position.step', position.step, 0);
  expectOneOf(WHERE, 'position.phase', position.phase, PHASES);
  if (streams !== null) {
    expectNames(WHERE, 'values.streams', streams, ['metaTrain', 'metaTest', 'fusionTrain']);
  }
}

/**
 * The arrays by part and name, those of a part in the order of its parameters.
 * @throws ShapeError or OptionError unless they are those of a state
 */
export function fittingParts(tensors: SavedState['tensors']): { readonly [part: string]: Params<Numbers> } {
  const given = splitParts(tensors);
  return Object.fromEntries(
    Object.entries(PARTS).map(([part, like]) => [part, fitting(part, like, given)] as const),
  );
}

type Parts = ReadonlyMap<string, ReadonlyMap<string, Numbers>>;

function splitParts(tensors: SavedState['tensors']): Parts {
  if (!isRecord(tensors)) {
    throw new OptionError(`${WHERE}: tensors must be a record of arrays, got ${kindOf(tensors)}`);
  }
  const parts = new Map<string, Map<string, Numbers>>();
  for (const [name, x] of Object.entries<Numbers>(tensors)) {
    const slash = name.indexOf('/');
    if (slash < 0) throw new OptionError(`${WHERE}: "${name}" does not say which part it belongs to`);
    const partName = name.slice(0, slash);
    if (!Object.hasOwn(PARTS, partName)) {
      throw new OptionError(
        `${WHERE}: "${name}" is of no part of a state, which are ${Object.keys(PARTS).join(', ')}`,
      );
    }
    expectArray(name, x);
    const part = parts.get(partName) ?? new Map<string, Numbers>();
    parts.set(partName, part.set(name.slice(slash + 1), x));
  }
  return parts;
}

function expectArray(name: string, x: unknown): void {
  if (!hasShape(x))
    throw new OptionError(`${WHERE}: "${name}" must be an array { data, shape }, got ${kindOf(x)}`);
  const { data, shape } = x as Partial<Numbers> & typeof x;
  if (!ArrayBuffer.isView(data)) {
    throw new OptionError(
      `${WHERE}: the data of "${name}" must be a Float32Array or a Float64Array, got ${kindOf(data)}`,
    );
  }
  if (data.length === sizeOf(shape)) return;
  throw new ShapeError(
    `${WHERE}: "${name}" of the shape [${shape}] must have ${sizeOf(shape)} numbers, got ${data.length}`,
  );
}

/** A part, which must have the names and shapes of the parameters `like`. */
function fitting(name: string, like: string, parts: Parts): Params<Numbers> {
  const part = parts.get(name);
  const models = [...(parts.get(like) ?? [])];
  const missing = models.find(([each]) => !part?.has(each));
  if (missing) throw new ShapeError(`${WHERE}: "${name}/${missing[0]}" is missing`);
  const names = new Set(models.map(([each]) => each));
  const extra = [...(part?.keys() ?? [])].find((each) => !names.has(each));
  if (extra !== undefined) throw new ShapeError(`${WHERE}: "${like}/${extra}" is missing`);
  return Object.fromEntries(
    models.map(([each, model]) => {
      const x = part?.get(each) as Numbers;
      expectSameShape(WHERE, `"${name}/${each}"`, x, `"${like}/${each}"`, model);
      return [each, x];
    }),
  );
}
