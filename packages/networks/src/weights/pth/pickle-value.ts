import type { NumberFormat } from '../number-format.js';

/** A tuple: never changed once it is made. */
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A dict or an OrderedDict, as the pairs that were put into it. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: (readonly [key: PickleValue, value: PickleValue])[];
}

/** A Python name, such as `torch.FloatStorage`; only that, a name. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: string;
}

/** A run of numbers of one dtype; its bytes lie outside the pickle, under the key. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly key: string;
  readonly format: NumberFormat;
  /** How many numbers. */
  readonly count: number;
}

/** A view of a storage, which is known to contain it: strides and offset in numbers, not in bytes. */
export interface PickleTensor {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

type Compound = PickleTuple | PickleList | PickleDict | PickleGlobal | PickleStorage | PickleTensor;

/** All that the pickle of a state dict can hold. */
export type PickleValue = null | boolean | number | string | Compound;

/** Whether a value is of a kind. */
export function isKind<K extends Compound['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<Compound, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** Whether a value can be a length, a step or a place. */
export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
