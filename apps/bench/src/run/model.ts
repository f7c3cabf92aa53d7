import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { SourcePicture } from '@refusion/image-io';
import { fileError } from '@refusion/image-io/node';
import type { Toned } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { type FusingEngine, loadFusing } from './fusing-engine.js';
import { onnxFusion } from './onnx-fusion.js';
import type { RunTone } from './tones.js';

const { version } = createRequire(import.meta.url)('@refusion/pipeline/package.json') as { version: string };

/** What fuses a pair of one size. */
export interface Fusion {
  /** @throws RefusionError if the model cannot take the pair */
  fuse(a: SourcePicture, b: SourcePicture, tone: RunTone): Promise<Toned<Uint8Array>>;
  close(): Promise<void>;
}

/** A model file that is there. Opening it may take seconds, and is left out where all pictures are there already. */
export interface Model {
  /** The SHA-256 of the file, what computes, and its version: what its pictures depend on. */
  readonly key: string;
  /** @throws FileError if it is no fusion model */
  open(): Promise<Fusion>;
}

/**
 * Finds a model: weights of a ReFusion network (safetensors, PyTorch) for an engine, or any ONNX model of two gray pictures.
 * @throws FileError if the file cannot be read
 */
export async function findModel(path: string, engine: FusingEngine): Promise<Model> {
  const isOnnx = extname(path).toLowerCase() === '.onnx';
  const checksum = await checksumOf(path);
  return {
    key: `${checksum} ${isOnnx ? 'onnxruntime' : engine} ${version}`,
    open: () => (isOnnx ? onnxFusion(path) : weightsFusion(path, engine)),
  };
}

/** The SHA-256 of a file. It is not read as a whole: it may turn out to be anything. */
export async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw fileError('read', path, cause);
  }
  return hash.digest('hex');
}

async function weightsFusion(path: string, engine: FusingEngine): Promise<Fusion> {
  const fuse = await loadFusion(path, await loadFusing(engine));
  return {
    fuse: (a, b, tone) => fuse(a, b, { tone }),
    close: async () => fuse.dispose(),
  };
}
