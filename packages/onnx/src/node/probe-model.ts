import { BLOCKS, type Block } from '../block.js';
import { INTERNAL_DOMAIN, ModelWriter } from '../model/writer.js';

/** A multiple of every block. */
const CHANNELS = 16;
const PIXELS = 2;

/** What the probe is given. */
export const PROBE_INPUT = {
  data: Float32Array.from({ length: CHANNELS * PIXELS }, (_unused, i) => i),
  shape: [1, CHANNELS, 1, PIXELS],
};

/** A model that turns a tiny image into the runtime's own layout. */
export function probeModel(): Uint8Array {
  const writer = new ModelWriter();
  writer.input('x', PROBE_INPUT.shape);
  writer.output('y', PROBE_INPUT.shape, writer.op('ReorderInput', ['x'], {}, INTERNAL_DOMAIN));
  return writer.finish({ name: 'probe', producer: '@refusion/onnx', version: '0', metadata: {} });
}

/** The block that a turned image is stored in; null where it is none that is known. */
export function blockIn(y: ArrayLike<number> | undefined): Block | null {
  const stored = Array.from(y ?? []);
  if (stored.length !== PROBE_INPUT.data.length) return null;
  return BLOCKS.find((block) => stored.every((value, place) => value === storedAt(place, block))) ?? null;
}

/** The number that lies at a place: channel c of pixel p is `c * PIXELS + p`. */
function storedAt(place: number, block: number): number {
  const [group, inGroup] = [Math.floor(place / (PIXELS * block)), place % (PIXELS * block)];
  const [pixel, lane] = [Math.floor(inGroup / block), inGroup % block];
  return (group * block + lane) * PIXELS + pixel;
}
