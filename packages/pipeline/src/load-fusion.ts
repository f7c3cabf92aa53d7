import type { Engine } from '@refusion/autodiff';
import { readWeights } from '@refusion/networks/node';
import { type Fuse, pipeline } from './pipeline.js';
import type { StageEngine } from './strips/stage.js';

/**
 * Reads a weight file and puts its fusion network on an engine; see `pipeline`.
 * @param path a safetensors file, or a PyTorch state dict such as the authors' `.pth` files.
 * @throws FileError, naming the file, if it cannot be read, is not an intact weight file, or does not hold the
 * parameters of a fusion network and nothing else.
 * @example
 * const fuse = await loadFusion('weights.safetensors', await loadEngine('wasm'));
 * const { gray, color } = await fuse(await readPicture('ir.png'), await readPicture('vi.png'));
 * await writePng('fused.png', color ?? gray);
 */
export async function loadFusion(path: string, engine: Engine | StageEngine): Promise<Fuse> {
  const { tensors } = await readWeights(path);
  return pipeline({ weights: tensors, engine, name: path });
}
