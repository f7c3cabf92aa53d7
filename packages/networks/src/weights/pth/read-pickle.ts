import type { ByteCursor } from './byte-cursor.js';
import { OPCODES, STOP } from './opcodes.js';
import { PickleMachine } from './pickle-machine.js';
import type { PickleValue } from './pickle-value.js';
import { damagedPth, unsupportedPth } from './pth-errors.js';
import type { StorageTable } from './storage-table.js';

/** The most opcodes run: some ten thousand tensors. Each makes one value at most, so that it bounds time and memory. */
const MAX_OPCODES = 500_000;

/**
 * Reads the pickle that starts at the cursor, and leaves the cursor after it. Reads data only: the few opcodes and
 * names of a state dict are known to this folder, any other ends the reading.
 *
 * @param storages Receives the storages that the pickle refers to.
 * @throws FileError if the pickle is damaged, too long, or holds what a state dict does not need.
 */
export function readPickle(cursor: ByteCursor, storages: StorageTable): PickleValue {
  const machine = new PickleMachine(cursor, storages);
  for (let i = 0; i < MAX_OPCODES; i++) {
    const opcode = cursor.uint8();
    if (opcode === STOP) return machine.pop();
    const step = OPCODES.get(opcode);
    if (!step) {
      throw unsupportedPth(
        cursor.source,
        `refused, its pickle has the opcode 0x${opcode.toString(16).padStart(2, '0')}, which a state dict does not need`,
      );
    }
    step(machine);
  }
  throw damagedPth(cursor.source, `its pickle has more than the ${MAX_OPCODES} opcodes accepted`);
}
