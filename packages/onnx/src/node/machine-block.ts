import { FileError } from '@refusion/core';
import type { Block } from '../block.js';
import type { ModelDescription } from '../model/describe.js';
import { blockIn, PROBE_INPUT, probeModel } from './probe-model.js';
import { loadRuntime } from './runtime.js';

let found: Promise<Block | null> | undefined;

/** The block of this machine, asked once: `probeBlock` without the checks of a session. */
function machineBlock(): Promise<Block | null> {
  found ??= probed().catch(() => null);
  return found;
}

async function probed(): Promise<Block | null> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(probeModel(), { graphOptimizationLevel: 'disabled' });
  const { y } = await session.run({ x: new Tensor('float32', PROBE_INPUT.data, PROBE_INPUT.shape) });
  await session.release();
  return blockIn(y?.data as Float32Array | undefined);
}

/**
 * The runtime's own operators trust that a model has the machine's blocks: with others they give wrong numbers, or end the
 * process.
 * @throws FileError if a model was compiled for other blocks than this machine has
 */
export async function expectMachineBlock({ metadata }: ModelDescription, name: string): Promise<void> {
  const compiled = metadata['block'];
  if (compiled === undefined) return;
  const block = await machineBlock();
  if (compiled === `${block}`) return;
  throw new FileError(
    `${name}: was compiled for blocks of ${compiled}, and onnxruntime has ${block === null ? 'none' : `blocks of ${block}`} on this machine; compile it with the block that chooseBlock gives`,
  );
}
