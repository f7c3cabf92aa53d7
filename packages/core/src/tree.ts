import { ShapeError } from './errors.js';
import type { Shaped } from './expect.js';

/**
 * Leaves with a shape (tensors, arrays) in lists and records of any nesting: what derivatives are taken of. A
 * network's parameters are the flat case, a record from the parameter's name to its tensor.
 */
export type Tree<L extends Shaped = Shaped> = L | readonly Tree<L>[] | { readonly [name: string]: Tree<L> };

/** A network's parameters by name. */
export type Params<L extends Shaped = Shaped> = { readonly [name: string]: L };

function isLeaf<L extends Shaped>(tree: Tree<L>): tree is L {
  return 'shape' in tree && Array.isArray(tree.shape) && tree.shape.every(Number.isInteger);
}

/** The leaves, in the order of the keys. */
export function leavesOf<L extends Shaped>(tree: Tree<L>): L[] {
  if (isLeaf(tree)) return [tree];
  return Object.values(tree as { readonly [name: string]: Tree<L> }).flatMap((branch) => leavesOf(branch));
}

/**
 * The tree with other leaves, given in the order of `leavesOf`.
 * @throws ShapeError if there are more or fewer leaves than the tree has.
 */
export function withLeaves<M extends Shaped>(tree: Tree, leaves: readonly M[]): Tree<M> {
  let at = 0;
  const rebuild = (branch: Tree): Tree<M> => {
    if (isLeaf(branch)) {
      const leaf = leaves[at++];
      if (!leaf) throw new ShapeError(`withLeaves: the tree has more than ${leaves.length} leaves`);
      return leaf;
    }
    if (Array.isArray(branch)) return branch.map(rebuild);
    const entries = Object.entries(branch as { readonly [name: string]: Tree });
    return Object.fromEntries(entries.map(([name, inner]) => [name, rebuild(inner)]));
  };
  const rebuilt = rebuild(tree);
  if (at !== leaves.length) {
    throw new ShapeError(`withLeaves: the tree has ${at} leaves, got ${leaves.length}`);
  }
  return rebuilt;
}

/**
 * Applies a function leaf by leaf to records of the same names, in the order of the first.
 * @throws ShapeError if the records do not have the same names
 */
export function mapParams<A extends Shaped, R extends Shaped>(
  fn: (...leaves: A[]) => R,
  first: Params<A>,
  ...others: Params<A>[]
): Params<R> {
  const names = Object.keys(first);
  for (const other of others) {
    const extra = Object.keys(other).find((name) => !Object.hasOwn(first, name));
    if (extra !== undefined) throw new ShapeError(`mapParams: "${extra}" is missing in the first record`);
  }
  const entries = names.map((name): [string, R] => {
    const leaf = first[name] as A;
    const partners = others.map((other) => {
      const partner = Object.hasOwn(other, name) ? other[name] : undefined;
      if (!partner) throw new ShapeError(`mapParams: "${name}" is missing in one of the records`);
      return partner;
    });
    return [name, fn(leaf, ...partners)];
  });
  return Object.fromEntries(entries);
}
