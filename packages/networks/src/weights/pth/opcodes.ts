import type { PickleMachine } from './pickle-machine.js';
import type { PickleValue } from './pickle-value.js';
import { damagedPth } from './pth-errors.js';
import { allowedGlobal, called } from './rebuild.js';

type Step = (machine: PickleMachine) => void;

/** Ends a pickle. */
export const STOP = 0x2e;

/**
 * The opcodes of pickle protocols 2 to 4 that state dicts are written with, by their byte. Those of other objects
 * (classes, instances, sets, bytes, extensions) are missing on purpose.
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */
export const OPCODES: ReadonlyMap<number, Step> = new Map<number, Step>([
  [0x80, (m) => void m.cursor.uint8()], // PROTO
  [0x95, (m) => void m.cursor.uint64()], // FRAME: a hint for buffering
  [0x28, (m) => m.mark()], // MARK
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4a, (m) => m.push(m.cursor.int32())], // BININT
  [0x4b, (m) => m.push(m.cursor.uint8())], // BININT1
  [0x4d, (m) => m.push(m.cursor.uint16())], // BININT2
  [0x8a, (m) => m.push(longInteger(m.cursor.bytes(m.cursor.uint8())))], // LONG1
  [0x47, (m) => m.push(m.cursor.float64BigEndian())], // BINFLOAT
  [0x58, (m) => m.push(m.cursor.text(m.cursor.uint32()))], // BINUNICODE
  [0x8c, (m) => m.push(m.cursor.text(m.cursor.uint8()))], // SHORT_BINUNICODE
  [0x29, (m) => pushTuple(m, [])], // EMPTY_TUPLE
  [0x85, (m) => pushTuple(m, m.popMany(1))], // TUPLE1
  [0x86, (m) => pushTuple(m, m.popMany(2))], // TUPLE2
  [0x87, (m) => pushTuple(m, m.popMany(3))], // TUPLE3
  [0x74, (m) => pushTuple(m, m.popToMark())], // TUPLE
  [0x5d, (m) => m.push({ kind: 'list', items: [] })], // EMPTY_LIST
  [0x61, (m) => append(m, m.popMany(1))], // APPEND
  [0x65, (m) => append(m, m.popToMark())], // APPENDS
  [0x7d, (m) => m.push({ kind: 'dict', entries: [] })], // EMPTY_DICT
  [0x73, (m) => setItems(m, m.popMany(2))], // SETITEM
  [0x75, (m) => setItems(m, m.popToMark())], // SETITEMS
  [0x71, (m) => m.remember(m.cursor.uint8())], // BINPUT
  [0x72, (m) => m.remember(m.cursor.uint32())], // LONG_BINPUT
  [0x94, (m) => m.remember()], // MEMOIZE
  [0x68, (m) => m.recall(m.cursor.uint8())], // BINGET
  [0x6a, (m) => m.recall(m.cursor.uint32())], // LONG_BINGET
  [0x63, (m) => m.push(allowedGlobal(m.cursor.line(), m.cursor.line(), m.source))], // GLOBAL
  [0x93, stackGlobal], // STACK_GLOBAL
  [0x51, (m) => m.push(m.storages.refer(m.pop()))], // BINPERSID
  [0x52, reduce], // REDUCE
  [0x62, build], // BUILD
]);

function pushTuple(machine: PickleMachine, items: readonly PickleValue[]): void {
  machine.push({ kind: 'tuple', items });
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.topList();
  for (const item of items) list.items.push(item);
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const dict = machine.topDict();
  if (items.length % 2 !== 0) throw damagedPth(machine.source, 'its pickle has a key without a value');
  for (let i = 0; i < items.length; i += 2) {
    dict.entries.push([items[i] as PickleValue, items[i + 1] as PickleValue]);
  }
}

function stackGlobal(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw damagedPth(machine.source, 'its pickle has a name that is not text');
  }
  machine.push(allowedGlobal(module, name, machine.source));
}

function reduce(machine: PickleMachine): void {
  const [callable, args] = machine.popMany(2) as [PickleValue, PickleValue];
  machine.push(called(callable, args, machine.source));
}

/** Sets attributes; the only ones here are the `_metadata` of `model.state_dict()`, versions that nothing needs. */
function build(machine: PickleMachine): void {
  machine.pop();
  machine.topDict();
}

/** A two's complement integer, little-endian; beyond 2^53 rounded. */
function longInteger(bytes: Uint8Array): number {
  const magnitude = bytes.reduceRight((value, byte) => 256 * value + byte, 0);
  const negative = ((bytes.at(-1) ?? 0) & 0x80) !== 0;
  return negative ? magnitude - 256 ** bytes.length : magnitude;
}
