import type { Block } from '../block.js';
import { blockIn, PROBE_INPUT, probeModel } from './probe-model.js';
import { loadRuntime } from './runtime.js';
import { type Arrays, openSession, type Session } from './session.js';

/** What opens models: `openSession`, or what plays it. */
export type OpenModel = typeof openSession;

/**
 * How many channels onnxruntime stores side by side on this machine's processor, found by letting it turn a tiny image
 * into its own layout; null where its internal operators do not work, or store something else.
 *
 * @throws RefusionError if onnxruntime does not load
 */
export async function probeBlock(open: OpenModel = openSession): Promise<Block | null> {
  await loadRuntime();
  try {
    const { y } = await runOnce(open, probeModel(), { x: PROBE_INPUT });
    return blockIn(y?.data);
  } catch {
    // The runtime refuses what this version of it does not have.
    return null;
  }
}

/** Runs a model with operators that are the runtime's own. */
export async function runOnce(
  open: OpenModel,
  model: Uint8Array,
  inputs: Arrays,
): ReturnType<Session['run']> {
  const session = await open(model, { threads: 1, optimise: false, blocked: true });
  try {
    return await session.run(inputs);
  } finally {
    await session.close();
  }
}
