import type { Ops, Tensor } from '@refusion/autodiff';
import {
  leavesOf,
  type NdArray,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
  type Tree,
  withLeaves,
} from '@refusion/core';
import { asHostTensor, type HostTensor } from './host-ops.js';

/** Arrays by name, as a model takes and gives them. */
export type Arrays = Record<string, NdArray<Float32Array>>;

/** Where a leaf of a tree is found among a run's arrays. */
interface Place {
  /** The shape that one run sees. */
  readonly shape: Shape;
  /** The name of an array of its own, or where in the array of all that is shared the leaf begins. */
  readonly at: string | number;
}

/**
 * How a tree of tensors travels to or from a model: an array for each tensor of images, and one list of numbers for all
 * other tensors together, since every input and output costs time of its own.
 */
export interface Places {
  /** The tree, with a place for each leaf. */
  readonly tree: Tree<Place & Tensor>;
  readonly shared: { readonly name: string; readonly size: number };
  /** The leaves that are images. */
  readonly images: readonly (Place & { readonly at: string })[];
}

/**
 * Finds a place for every leaf.
 *
 * @param images the tree's entries, by name, that hold images along their first axis
 * @param prefix of the arrays' names
 * @param where for messages
 * @throws ShapeError if a leaf that should hold images has no axis for them
 */
export function placesOf(
  tree: Tree<Tensor>,
  images: readonly string[],
  { prefix, where }: { readonly prefix: string; readonly where: string },
): Places {
  const isImage = imageFlags(tree, images);
  let size = 0;
  const places = leavesOf<Tensor>(tree).map(({ shape }, i): Place => {
    if (!isImage[i]) {
      const at = size;
      size += sizeOf(shape);
      return { shape, at };
    }
    if (shape.length === 0) throw new ShapeError(`${where}: a scalar cannot hold an entry for each image`);
    return { shape: [1, ...shape.slice(1)], at: `${prefix}${i}` };
  });
  return {
    tree: withLeaves(tree, places),
    shared: { name: `${prefix}Shared`, size },
    images: places.filter((place): place is Place & { at: string } => typeof place.at === 'string'),
  };
}

/** For each leaf whether it is below one of the entries. */
function imageFlags(tree: Tree<Tensor>, images: readonly string[]): boolean[] {
  if (images.length === 0) return leavesOf<Tensor>(tree).map(() => false);
  return Object.entries(tree as { readonly [name: string]: Tree<Tensor> }).flatMap(([name, branch]) =>
    leavesOf<Tensor>(branch).map(() => images.includes(name)),
  );
}

/** How many images the tensors hold. @throws ShapeError if some hold more than others */
export function imageCount(tree: Tree<Tensor>, { images, tree: places }: Places, where: string): number {
  if (images.length === 0) return 1;
  const flags = leavesOf<Place & Tensor>(places).map(({ at }) => typeof at === 'string');
  const counts = new Set(
    leavesOf<Tensor>(tree)
      .filter((_leaf, i) => flags[i])
      .map(({ shape }) => shape[0] as number),
  );
  const [count] = counts;
  if (count === 0) throw new ShapeError(`${where}: needs at least one image`);
  if (count !== undefined && counts.size === 1) return count;
  throw new ShapeError(`${where}: all must hold as many images, got ${[...counts].join(' and ')}`);
}

/** A tree's tensors as nodes of a graph, taken out of its inputs. */
export function nodesAt(
  ops: Ops,
  inputs: Readonly<Record<string, Tensor>>,
  { tree, shared }: Places,
): Tree<Tensor> {
  const leaves = leavesOf<Place & Tensor>(tree).map(({ at, shape }) =>
    typeof at === 'string'
      ? (inputs[at] as Tensor)
      : ops.reshape(ops.slice(inputs[shared.name] as Tensor, [at], [sizeOf(shape)]), shape),
  );
  return withLeaves(tree, leaves);
}

/**
 * A graph's outputs: the tensors of a tree at their places.
 * @throws ShapeError if an output that should have an entry for each image has another number of them
 */
export function namedAt(ops: Ops, tree: Tree<Tensor>, places: Places, where: string): Record<string, Tensor> {
  const leaves = leavesOf<Tensor>(tree);
  const ats = leavesOf<Place & Tensor>(places.tree).map(({ at, shape }, i) => {
    const own = (leaves[i] as Tensor).shape;
    if (sameShape(own, shape)) return at;
    throw new ShapeError(
      `${where}: an output must have one entry for each image, got [${own}] for one image`,
    );
  });
  const flat = leaves
    .filter((_leaf, i) => typeof ats[i] === 'number')
    .map((x) => ops.reshape(x, [sizeOf(x.shape)]));
  const images = leaves.flatMap((x, i) => (typeof ats[i] === 'string' ? [[ats[i], x] as const] : []));
  return {
    ...(flat.length > 0 ? { [places.shared.name]: ops.concat(flat, 0) } : {}),
    ...Object.fromEntries(images),
  };
}

/** The arrays of each run: what is shared is the same one in all. */
export function arraysAt(tree: Tree<Tensor>, { tree: places, shared }: Places, runs: number): Arrays[] {
  const leaves = leavesOf<Tensor>(tree).map(asHostTensor);
  const all = new Float32Array(shared.size);
  const perRun: Arrays[] = Array.from({ length: runs }, () => ({}));
  for (const [i, { at, shape }] of leavesOf<Place & Tensor>(places).entries()) {
    const { data } = leaves[i] as HostTensor;
    if (typeof at === 'number') all.set(data, at);
    else for (const [run, arrays] of perRun.entries()) arrays[at] = { data: entry(data, shape, run), shape };
  }
  if (shared.size > 0) for (const arrays of perRun) arrays[shared.name] = { data: all, shape: [shared.size] };
  return perRun;
}

function entry(data: Float32Array, shape: Shape, run: number): Float32Array {
  const size = sizeOf(shape);
  // A copy: threads are sent whole buffers.
  return data.slice(run * size, (run + 1) * size);
}

/** A tree from what each run gave: means, in float64 and in the order of the runs, and images put together. */
export function treeAt(outputs: readonly Arrays[], { tree, shared }: Places): Tree<HostTensor> {
  const means = meanOf(outputs.map((arrays) => arrays[shared.name]?.data ?? new Float32Array()));
  const leaves = leavesOf<Place & Tensor>(tree).map(({ at, shape }): HostTensor => {
    if (typeof at === 'number') return { data: means.subarray(at, at + sizeOf(shape)), shape };
    const size = sizeOf(shape);
    const data = new Float32Array(size * outputs.length);
    for (const [run, arrays] of outputs.entries()) data.set((arrays[at] as Arrays[string]).data, run * size);
    return { data, shape: [outputs.length, ...shape.slice(1)] };
  });
  return withLeaves(tree, leaves);
}

function meanOf(lists: readonly Float32Array[]): Float32Array {
  const [first] = lists as [Float32Array];
  if (lists.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (const list of lists) sum += list[i] as number;
    mean[i] = sum / lists.length;
  }
  return mean;
}
