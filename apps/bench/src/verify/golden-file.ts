import type { Ops, Tensor } from '@refusion/autodiff';
import { FileError, type NdArray, type Params } from '@refusion/core';
import type { Batch, Theta } from '@refusion/meta';

/** A golden meta-step: float64 tensors by name, images NCHW, and the settings they were made with. */
export interface GoldenFile {
  readonly source: string;
  readonly tensors: { readonly [name: string]: NdArray<Float32Array | Float64Array> };
  readonly metadata: { readonly [name: string]: string };
}

/** What the names of the tensors that everything is computed from start with. */
export const INPUTS = ['theta.', 'batch.'] as const;

/** The batches: meta-train, meta-test, fusion-train. */
export const BATCHES = ['mtr', 'mts', 'ftr'] as const;

/** @throws FileError naming the file if it is not a golden meta-step */
export function goldenTensor(file: GoldenFile, name: string): NdArray<Float32Array | Float64Array> {
  const tensor = file.tensors[name];
  if (!tensor)
    throw new FileError(`${file.source}: not a golden meta-step file, the tensor "${name}" is missing`);
  return tensor;
}

/** @throws FileError naming the file if the setting is missing or not a number */
export function goldenSetting(file: GoldenFile, name: string): number {
  const value = Number(file.metadata[name]);
  if (file.metadata[name] === undefined || !Number.isFinite(value)) {
    throw new FileError(`${file.source}: not a golden meta-step file, the setting "${name}" is missing`);
  }
  return value;
}

/** The names of the tensors below a prefix, without it. */
export function namesBelow(file: GoldenFile, prefix: string): string[] {
  return Object.keys(file.tensors)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}

/** An image batch as the op set has it: `[B, C, H, W] -> [B, H, W, C]`. */
function image(ops: Ops, file: GoldenFile, name: string): Tensor {
  const { data, shape } = goldenTensor(file, name);
  return ops.scope(() => ops.transpose(ops.constant(data, shape), [0, 2, 3, 1]));
}

function params(ops: Ops, file: GoldenFile, prefix: string): Params<Tensor> {
  const names = namesBelow(file, prefix);
  if (names.length === 0) goldenTensor(file, `${prefix}*`);
  return Object.fromEntries(
    names.map((name) => {
      const { data, shape } = goldenTensor(file, prefix + name);
      return [name, ops.constant(data, shape)];
    }),
  );
}

export function goldenTheta(ops: Ops, file: GoldenFile): Theta {
  return {
    fusion: params(ops, file, 'theta.F.'),
    proposal: params(ops, file, 'theta.P.'),
    objective: params(ops, file, 'theta.R.'),
  };
}

export function goldenBatch(ops: Ops, file: GoldenFile, name: (typeof BATCHES)[number]): Batch {
  return { a: image(ops, file, `batch.${name}.a`), b: image(ops, file, `batch.${name}.b`) };
}
