import type { Engine, Tensor } from '@refusion/autodiff';
import {
  expectInteger,
  expectSameShape,
  type NdArray,
  OptionError,
  type Params,
  ShapeError,
} from '@refusion/core';
import type { AdamState } from './optimisers.js';
import type { StreamStates } from './stream.js';
import { partsOf, type TrainingPosition, type TrainingState } from './training-state.js';

type Numbers = NdArray<Float32Array | Float64Array>;

/** A training's state off the engine, for any file format: arrays by name, and plain values that JSON keeps exactly. */
export interface SavedState {
  /** `<part>/<parameter>`, in the precision of the engine: a part is `fusion`, `fusion-m`, .... */
  readonly tensors: { readonly [name: string]: Numbers };
  readonly values: SavedValues;
}

/** What of a training's state is no array. */
export type SavedValues = {
  readonly position: TrainingPosition;
  readonly streams: StreamStates | null;
  /** Updates that each of Adam's moments have seen. */
  readonly updates: { readonly fusion: number; readonly objective: number; readonly proposal: number };
  /** Meta-steps that wait for P's next update. */
  readonly pending: number;
};

/**
 * Copies a state off the engine, bit by bit.
 * @example
 * const { tensors, values } = await savedState(engine, event.state);
 */
export async function savedState(engine: Engine, state: TrainingState): Promise<SavedState> {
  const named = Object.entries(partsOf(state)).flatMap(([part, params]) =>
    Object.entries(params).map(([name, x]) => [`${part}/${name}`, x] as const),
  );
  const tensors = await Promise.all(
    named.map(async ([name, x]) => [name, { data: await engine.read(x), shape: x.shape }] as const),
  );
  const values = {
    position: state.position,
    streams: state.streams,
    updates: {
      fusion: state.optimisers.fusion.step,
      objective: state.optimisers.objective.step,
      proposal: state.proposal.step,
    },
    pending: state.pending.count,
  };
  return { tensors: Object.fromEntries(tensors), values };
}

/**
 * A saved state on an engine again. On the engine that it came from, training goes on to the same bits.
 * @throws ShapeError if a part is missing or does not fit the parameters; OptionError if a number is none.
 */
export function restoredState(engine: Engine, { tensors, values }: SavedState): TrainingState {
  const parts = splitParts(tensors);
  const { updates, pending } = values;
  for (const [name, count] of Object.entries({ ...updates, pending })) {
    expectInteger('restoredState', name, count, 0);
  }
  const part = (name: string, like?: string): Params<Tensor> =>
    uploadedPart(engine, parts, name, like ?? name);
  const moments = (name: keyof typeof updates): AdamState => ({
    step: updates[name],
    m: part(`${name}-m`, name),
    v: part(`${name}-v`, name),
  });
  return {
    theta: { fusion: part('fusion'), proposal: part('proposal'), objective: part('objective') },
    optimisers: { fusion: moments('fusion'), objective: moments('objective') },
    proposal: moments('proposal'),
    pending: { gradient: part('proposal-pending', 'proposal'), count: pending },
    position: values.position,
    streams: values.streams,
  };
}

type Parts = ReadonlyMap<string, ReadonlyMap<string, Numbers>>;

function splitParts(tensors: SavedState['tensors']): Parts {
  const parts = new Map<string, Map<string, Numbers>>();
  for (const [name, x] of Object.entries(tensors)) {
    const slash = name.indexOf('/');
    if (slash < 0) throw new OptionError(`restoredState: "${name}" does not say which part it belongs to`);
    const part = parts.get(name.slice(0, slash)) ?? new Map<string, Numbers>();
    parts.set(name.slice(0, slash), part.set(name.slice(slash + 1), x));
  }
  return parts;
}

/** The tensors of a part, which must have the names and shapes of the parameters `like`, and in their order. */
function uploadedPart(engine: Engine, parts: Parts, name: string, like: string): Params<Tensor> {
  const part = parts.get(name);
  const names = [...(parts.get(like)?.keys() ?? [])];
  const missing = names.find((each) => !part?.has(each));
  if (missing !== undefined) throw new ShapeError(`restoredState: "${name}/${missing}" is missing`);
  const extra = [...(part?.keys() ?? [])].find((each) => !names.includes(each));
  if (extra !== undefined) throw new ShapeError(`restoredState: "${like}/${extra}" is missing`);
  return Object.fromEntries(
    names.map((each) => {
      const x = part?.get(each) as Numbers;
      const model = parts.get(like)?.get(each) as Numbers;
      expectSameShape('restoredState', `"${name}/${each}"`, x, `"${like}/${each}"`, model);
      return [each, engine.ops.constant(x.data, x.shape)];
    }),
  );
}
