import type { Engine, Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, type Params } from '@refusion/core';
import { expectNames } from './expect-parts.js';
import { expectValues, fittingParts } from './expect-saved.js';
import type { AdamState } from './optimisers.js';
import type { StreamStates } from './stream.js';
import { partsOf, type TrainingPosition, type TrainingState } from './training-state.js';

/** In the precision of an engine. */
export type Numbers = NdArray<Float32Array | Float64Array>;

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

/** What has parameters. */
export type ParameterName = keyof SavedValues['updates'];

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
 * @throws ShapeError if a part is missing or does not fit the parameters; OptionError if it is no saved state, or a
 * number is none. Nothing is on the engine then.
 */
export function restoredState(engine: Engine, saved: SavedState): TrainingState {
  expectNames('restoredState', 'saved', saved, ['tensors', 'values']);
  const { values } = saved;
  expectValues(values);
  const parts = fittingParts(saved.tensors);
  const part = (name: string): Params<Tensor> =>
    mapParams(({ data, shape }) => engine.ops.constant(data, shape), parts[name] as Params<Numbers>);
  const moments = (name: ParameterName): AdamState => ({
    step: values.updates[name],
    m: part(`${name}-m`),
    v: part(`${name}-v`),
  });
  return {
    theta: { fusion: part('fusion'), proposal: part('proposal'), objective: part('objective') },
    optimisers: { fusion: moments('fusion'), objective: moments('objective') },
    proposal: moments('proposal'),
    pending: { gradient: part('proposal-pending'), count: values.pending },
    position: values.position,
    streams: values.streams,
  };
}
