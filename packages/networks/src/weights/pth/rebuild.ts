import { quoted } from '../damaged.js';
import { isCount, isKind, type PickleGlobal, type PickleTensor, type PickleValue } from './pickle-value.js';
import { damagedPth, unsupportedPth } from './pth-errors.js';
import { isStorageType } from './storage-table.js';

/** The most axes a tensor may have, as in PyTorch's own loops. */
const MAX_RANK = 64;

type Arguments = readonly PickleValue[];

/** What each function that a state dict calls makes of its arguments here; undefined where they do not fit. */
const CALLS: ReadonlyMap<string, (args: Arguments) => PickleValue | undefined> = new Map([
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor_v2', tensor],
  ['torch._utils._rebuild_parameter', parameter],
]);

/**
 * A Python name that a state dict may use: a storage of real numbers, or one of three functions. Nothing of Python
 * is looked up or run; a name only chooses a function of this file.
 * @throws FileError that names any other one.
 */
export function allowedGlobal(module: string, name: string, source: string): PickleGlobal {
  const full = `${module}.${name}`;
  if (CALLS.has(full) || isStorageType(full)) return { kind: 'global', name: full };
  throw unsupportedPth(
    source,
    `refused, it refers to ${quoted(full)}, which a state dict of real numbers does not need and which was not run`,
  );
}

/**
 * The value of a call that a pickle asks for.
 * @throws FileError if the callable is not one of a state dict's, or if its arguments do not fit.
 */
export function called(callable: PickleValue, args: PickleValue, source: string): PickleValue {
  const name = isKind(callable, 'global') ? callable.name : undefined;
  const call = CALLS.get(name ?? '');
  if (!name || !call || !isKind(args, 'tuple')) {
    throw damagedPth(source, 'its pickle calls something that is not a function');
  }
  const value = call(args.items);
  if (value === undefined) throw damagedPth(source, `its pickle calls ${name} with the wrong arguments`);
  return value;
}

/** `OrderedDict()`; its entries follow later. */
function orderedDict(args: Arguments): PickleValue | undefined {
  return args.length === 0 ? { kind: 'dict', entries: [] } : undefined;
}

/** `_rebuild_parameter(data, requires_grad, backward_hooks)`: the tensor itself. */
function parameter([data]: Arguments): PickleValue | undefined {
  return isKind(data, 'tensor') ? data : undefined;
}

/** `_rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks, ...)`. */
function tensor([storage, offset, size, strides]: Arguments): PickleTensor | undefined {
  const shape = counts(size);
  const stride = counts(strides);
  if (!isKind(storage, 'storage') || !isCount(offset) || !shape || !stride) return undefined;
  if (shape.length !== stride.length) return undefined;
  const built: PickleTensor = { kind: 'tensor', storage, offset, shape, stride };
  return lastPlace(built) < storage.count ? built : undefined;
}

function counts(value: PickleValue | undefined): readonly number[] | undefined {
  if (!isKind(value, 'tuple') || value.items.length > MAX_RANK) return undefined;
  return value.items.every(isCount) ? value.items : undefined;
}

/** The place in its storage of a tensor's last number; -1 where it has none. */
function lastPlace({ shape, stride, offset }: PickleTensor): number {
  if (shape.includes(0)) return -1;
  return shape.reduce((place, length, axis) => place + (length - 1) * (stride[axis] as number), offset);
}
