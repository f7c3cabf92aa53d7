import type { ByteCursor } from './byte-cursor.js';
import { isKind, type PickleDict, type PickleList, type PickleValue } from './pickle-value.js';
import { damagedPth } from './pth-errors.js';
import type { StorageTable } from './storage-table.js';

/** What the opcodes of a pickle work on: a stack that marks cut in parts, and a memo of values to use again. */
export class PickleMachine {
  /** The stacks that lie below the marks. */
  private readonly below: PickleValue[][] = [];
  private stack: PickleValue[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    readonly cursor: ByteCursor,
    readonly storages: StorageTable,
  ) {}

  get source(): string {
    return this.cursor.source;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw damagedPth(this.source, 'its pickle takes a value where none is left');
    return value;
  }

  /** The last values, in the order in which they were pushed. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  /** All values since the last mark, which is taken away. */
  popToMark(): PickleValue[] {
    const items = this.stack;
    const rest = this.below.pop();
    if (!rest) throw damagedPth(this.source, 'its pickle closes a list that it has not opened');
    this.stack = rest;
    return items;
  }

  /** The list on top of the stack, which stays there. */
  topList(): PickleList {
    const top = this.stack.at(-1);
    if (!isKind(top, 'list')) throw damagedPth(this.source, 'its pickle adds items to what is not a list');
    return top;
  }

  /** The dict on top of the stack, which stays there. */
  topDict(): PickleDict {
    const top = this.stack.at(-1);
    if (!isKind(top, 'dict')) throw damagedPth(this.source, 'its pickle adds entries to what is not a dict');
    return top;
  }

  /** Keeps the value on top of the stack under an index, the next free one unless it is given. */
  remember(index = this.memo.size): void {
    const top = this.pop();
    this.memo.set(index, top);
    this.push(top);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw damagedPth(this.source, 'its pickle recalls a value that it has not kept');
    this.push(value);
  }
}
