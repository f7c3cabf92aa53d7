import { readFile, stat } from 'node:fs/promises';
import { FileError, type NdArray, RefusionError, ShapeError } from '@refusion/core';
import { luminance } from '@refusion/image-io';
import { fileError } from '@refusion/image-io/node';
import { expectModelSize, type ModelDescription, type ModelValue } from '@refusion/onnx';
import { openSession, type Session } from '@refusion/onnx/node';
import { applyTone } from '@refusion/pipeline';
import type { Fusion } from './model.js';

/**
 * Any ONNX model that fuses two gray pictures: two inputs and one output `[B, 1, H, W]`, float32, in 0..1, the inputs in
 * the order of the sources. Brightness and colour are what `@refusion/pipeline` does for its own networks.
 * @throws FileError if it is no such model, RefusionError if onnxruntime does not load
 */
export async function onnxFusion(path: string): Promise<Fusion> {
  const session = await openSession(await readModelFile(path), { name: `"${path}"` });
  try {
    expectFusionModel(session.description, path);
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    fuse: async (a, b, tone) => {
      const raw = await evaluate(session, path, [luminance(a), luminance(b)]);
      return applyTone(raw, [a, b], tone);
    },
    close: () => session.close(),
  };
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    expectModelSize(size, `"${path}"`);
    return await readFile(path);
  } catch (cause) {
    throw cause instanceof FileError ? cause : fileError('read', path, cause);
  }
}

const WANTED = 'give a model of two gray pictures, float32 [B, 1, H, W], and one fused picture';

/** @throws FileError that says what of it is not that of a fusion model */
function expectFusionModel({ inputs, outputs }: ModelDescription, path: string): void {
  if (inputs.length !== 2) throw new FileError(`"${path}" has ${counted(inputs.length, 'input')}; ${WANTED}`);
  if (outputs.length !== 1)
    throw new FileError(`"${path}" has ${counted(outputs.length, 'output')}; ${WANTED}`);
  for (const [kind, values] of [['input', inputs] as const, ['output', outputs] as const]) {
    const wrong = values.find((value) => !isGray(value));
    if (wrong) {
      const shape = wrong.shape ? ` [${wrong.shape.join(', ')}]` : '';
      throw new FileError(
        `"${path}": the ${kind} "${wrong.name}" is ${wrong.type ?? 'no tensor'}${shape}; ${WANTED}`,
      );
    }
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Whether pictures `[1, 1, H, W]` may stand there; what the file leaves open may be anything. */
function isGray({ type, shape }: ModelValue): boolean {
  if (type !== 'float') return false;
  if (shape === null) return true;
  const [batch, channels] = shape;
  const mayBeOne = (length: number | string | undefined) => length === 1 || typeof length === 'string';
  return shape.length === 4 && mayBeOne(batch) && mayBeOne(channels);
}

type Gray = NdArray<Float32Array>;

/**
 * The model's output for the luminance of a pair.
 * @throws ShapeError if the model cannot take pictures of this size, RefusionError if it gives no finite numbers
 */
async function evaluate(session: Session, path: string, sources: readonly [Gray, Gray]): Promise<Gray> {
  const { inputs, outputs } = session.description;
  const [height, width] = sources[0].shape as [number, number];
  expectSize(inputs, path, [height, width]);
  const feeds = inputs.map(({ name }, place) => {
    const data = (sources[place] as Gray).data.map((value) => value / 255);
    return [name, { data, shape: [1, 1, height, width] }] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  const { data, shape } = results[outputs[0]?.name ?? ''] as Gray;
  if (data.length !== height * width || shape.at(-1) !== width || shape.at(-2) !== height) {
    throw new ShapeError(
      `"${path}" gives [${shape.join(', ')}] for pictures [1, 1, ${height}, ${width}]; a fused picture must have the size of its sources`,
    );
  }
  if (!data.every(Number.isFinite)) {
    throw new RefusionError(`"${path}" gives values that are not finite numbers; choose another model`);
  }
  return { data, shape: [height, width] };
}

/** @throws ShapeError if the file fixes another size */
function expectSize(inputs: readonly ModelValue[], path: string, size: readonly [number, number]): void {
  const fixed = inputs.map(({ shape }) => shape?.slice(2) ?? []);
  const fits = fixed.every((axes) => axes.every((axis, i) => typeof axis === 'string' || axis === size[i]));
  if (fits) return;
  const [wanted = []] = fixed;
  throw new ShapeError(
    `"${path}" takes pictures of ${wanted[1]}x${wanted[0]} pixels alone, got ${size[1]}x${size[0]}; export it with axes of any length`,
  );
}
