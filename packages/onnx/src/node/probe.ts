import { BLOCKS, type Block } from '../block.js';
import { INTERNAL_DOMAIN, ModelWriter } from '../model/writer.js';
import { loadRuntime } from './runtime.js';
import { type Arrays, openSession, type Session } from './session.js';

/** What opens models: `openSession`, or what plays it. */
export type OpenModel = typeof openSession;

/** A multiple of every block. */
const CHANNELS = 16;
const PIXELS = 2;

/**
 * How many channels onnxruntime stores side by side on this machine's processor, found by letting it turn a tiny image
 * into its own layout; null where its internal operators do not work, or store something else.
 *
 * @throws RefusionError if onnxruntime does not load
 */
export async function probeBlock(open: OpenModel = openSession): Promise<Block | null> {
  await loadRuntime();
  try {
    const data = Float32Array.from({ length: CHANNELS * PIXELS }, (_unused, i) => i);
    const { y } = await runOnce(open, probe(), { x: { data, shape: [1, CHANNELS, 1, PIXELS] } });
    return BLOCKS.find((block) => y?.data.every((value, place) => value === storedAt(place, block))) ?? null;
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

function probe(): Uint8Array {
  const writer = new ModelWriter();
  const shape = [1, CHANNELS, 1, PIXELS];
  writer.input('x', shape);
  writer.output('y', shape, writer.op('ReorderInput', ['x'], {}, INTERNAL_DOMAIN));
  return writer.finish({ name: 'probe', producer: '@refusion/onnx', version: '0', metadata: {} });
}

/** The number that lies at a place: channel c of pixel p is `c * PIXELS + p`. */
function storedAt(place: number, block: number): number {
  const [group, inGroup] = [Math.floor(place / (PIXELS * block)), place % (PIXELS * block)];
  const [pixel, lane] = [Math.floor(inGroup / block), inGroup % block];
  return (group * block + lane) * PIXELS + pixel;
}
