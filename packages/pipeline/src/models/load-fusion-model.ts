import { type NdArray, RefusionError, ShapeError } from '@refusion/core';
import { readWeightFile } from '@refusion/networks/node';
import { openSession, type Session, type SessionOptions } from '@refusion/onnx/node';
import { type Fuse, fuseOn } from '../pipeline.js';
import { FUSION_STAGE, type Numbers, type StageRunner } from '../strips/stage.js';
import { configIn, expectFusionModel } from './fusion-model.js';

/** A fusion model that is ready for pictures. */
export interface FusionModel {
  readonly fuse: Fuse;
  /** The properties that the file carries. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Opens an ONNX fusion model, ours or another's: two float inputs `[B, 1, H, W]` in [0, 1], one output like them. Pictures are
 * evaluated whole; colour and tone are as with `pipeline`. The memory that a picture takes is known of models that
 * `fusionModel` made: they name the network's size.
 *
 * @throws FileError, naming the file, if it cannot be read, is no intact ONNX model, keeps data in other files, is too
 * large, or does something else than fuse; RefusionError if onnxruntime does not load
 * @example
 * const { fuse } = await loadFusionModel('ivif.onnx', { threads: 2 });
 */
export async function loadFusionModel(
  path: string,
  options: Omit<SessionOptions, 'name'> = {},
): Promise<FusionModel> {
  const session = await openSession(await readWeightFile(path), { ...options, name: path });
  try {
    expectFusionModel(session.description, path);
  } catch (error) {
    await session.close();
    throw error;
  }
  const { metadata } = session.description;
  return { fuse: fuseOn(modelRunner(session, path), configIn(metadata)), metadata };
}

/** F whole, on a model's session. */
function modelRunner(session: Session, path: string): StageRunner {
  const names = session.description.inputs.map(({ name }) => name) as [string, string];
  const output = session.description.outputs[0]?.name as string;
  return {
    name: 'onnx',
    wholeOnly: true,
    weights: async () => {
      throw new RefusionError(
        `${path}: a model does not give its weights, use the weight file it was made of`,
      );
    },
    run: async (stage, inputs) => {
      if (stage !== FUSION_STAGE) throw new RefusionError(`${path}: a model runs on whole pictures alone`);
      const images = inputs.map(channelsFirst);
      const results = await session.run({ [names[0]]: images[0] as Image, [names[1]]: images[1] as Image });
      const { data, shape } = results[output] as Image;
      if (`${shape}` !== `${images[0]?.shape}`) {
        throw new ShapeError(`${path}: gives [${shape}] for pictures of [${images[0]?.shape}]`);
      }
      return [data];
    },
    dispose: () => {
      // Nobody waits for it, and what cannot be freed is of no use to anybody.
      session.close().catch(() => {});
    },
  };
}

type Image = NdArray<Float32Array>;

/** `[1,H,W,1]` to `[1,1,H,W]`: the same numbers. */
function channelsFirst({ data, shape }: NdArray<Numbers>): Image {
  const [batch, height, width] = shape as readonly [number, number, number];
  return {
    data: data instanceof Float32Array ? data : Float32Array.from(data),
    shape: [batch, 1, height, width],
  };
}
