import {
  expectPositive,
  expectSameShape,
  FileError,
  type Params,
  type Shaped,
  ShapeError,
} from '@refusion/core';
import {
  expectParameters,
  fusionConfigOf,
  fusionNetwork,
  type NetworkConfig,
  proposalNetwork,
  reconstructionNetwork,
} from '@refusion/networks';
import { readSafetensors } from '@refusion/networks/node';
import { BATCHES, type GoldenFile, goldenSetting, goldenTensor, namesBelow } from './golden-file.js';

/**
 * The most pixels of a batch times `workAtOnePixel`: eight times that of two pairs of 24x20 pixels at the networks' full
 * size, which the slowest engine recomputes in half a minute.
 */
const MOST_WORK = 8 * 2 * 24 * 20 * 16 * 2 * 2;
/** The fusion updates that a file may ask for. */
const MOST_UPDATES = 10;

/**
 * Reads a golden meta-step file and checks that it can be recomputed: that its parameters are those of the three
 * networks at one size, that its batches are pairs of gray images, and that it asks for no more time and memory than
 * a test should take.
 * @throws FileError or ShapeError, naming the file
 */
export async function readGoldenFile(path: string): Promise<GoldenFile> {
  const file: GoldenFile = { source: path, ...(await readSafetensors(path)) };
  const config = expectThreeNetworks(file);
  const pixels = BATCHES.map((name) => expectPair(file, name));
  if (Math.max(...pixels) * workAtOnePixel(config) > MOST_WORK) {
    throw new FileError(
      `${path}: too large to be recomputed here, make it of fewer pixels or smaller networks`,
    );
  }
  expectUpdates(file);
  expectPositive(path, 'eta', goldenSetting(file, 'eta'));
  return file;
}

/** The size of the three networks. */
function expectThreeNetworks(file: GoldenFile): NetworkConfig {
  const config = fusionConfigOf(shapesBelow(file, 'theta.F.'));
  if (!config) {
    throw new FileError(`${file.source}: not a golden meta-step file, it has no fusion network at theta.F`);
  }
  const networks = { F: fusionNetwork(config), P: proposalNetwork(config), R: reconstructionNetwork(config) };
  for (const [letter, { specs }] of Object.entries(networks)) {
    expectParameters(`${file.source}: theta.${letter}`, specs, shapesBelow(file, `theta.${letter}.`));
  }
  return config;
}

function shapesBelow(file: GoldenFile, prefix: string): Params<Shaped> {
  return Object.fromEntries(
    namesBelow(file, prefix).map((name) => [name, goldenTensor(file, prefix + name)]),
  );
}

/** The numbers that a network of this size makes of a pixel, up to a factor. */
function workAtOnePixel({ dim, blocks, ffn }: NetworkConfig): number {
  return dim * Math.max(ffn, 1) * blocks;
}

/** How many pixels a batch has. */
function expectPair(file: GoldenFile, name: string): number {
  const a = goldenTensor(file, `batch.${name}.a`);
  const [B = 0, C = 0, H = 0, W = 0] = a.shape;
  if (a.shape.length !== 4 || C !== 1 || a.data.length === 0) {
    throw new ShapeError(`${file.source}: batch.${name}.a must have the shape [B,1,H,W], got [${a.shape}]`);
  }
  expectSameShape(file.source, `batch.${name}.b`, goldenTensor(file, `batch.${name}.b`), 'a', a);
  return B * H * W;
}

function expectUpdates(file: GoldenFile): void {
  const [steps = 0, losses, ...rest] = goldenTensor(file, 'fusion_update.losses').shape;
  if (losses === 2 && rest.length === 0 && steps >= 1 && steps <= MOST_UPDATES) return;
  throw new ShapeError(
    `${file.source}: fusion_update.losses must have the shape [n,2] with n from 1 to ${MOST_UPDATES}`,
  );
}
