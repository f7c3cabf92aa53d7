import { describe, expect, it } from 'vitest';
import { leavesOf, mapParams, ShapeError, type Tree, withLeaves } from './index.js';

const leaf = (id: number): { shape: number[]; id: number } => ({ shape: [], id });
type Leaf = ReturnType<typeof leaf>;

describe('trees', () => {
  const tree: Tree<Leaf> = { a: leaf(1), list: [leaf(2), { shape: leaf(3) }] };

  it('have their leaves in the order of the keys, and a key may be called "shape"', () => {
    expect(leavesOf(tree).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('are rebuilt with other leaves', () => {
    const rebuilt = withLeaves(tree, [leaf(7), leaf(8), leaf(9)]);
    expect(rebuilt).toEqual({ a: leaf(7), list: [leaf(8), { shape: leaf(9) }] });
    expect(() => withLeaves(tree, [leaf(1)])).toThrow(ShapeError);
    expect(() => withLeaves(leaf(1), [leaf(1), leaf(2)])).toThrow('withLeaves: the tree has 1 leaves, got 2');
  });
});

describe('mapParams', () => {
  it('goes name by name, whatever the order of the others', () => {
    const sum = mapParams(
      (x: Leaf, y: Leaf) => leaf(x.id + y.id),
      { a: leaf(1), b: leaf(2) },
      { b: leaf(10), a: leaf(20) },
    );
    expect(sum).toEqual({ a: leaf(21), b: leaf(12) });
  });

  it('names what is missing', () => {
    expect(() => mapParams((x: Leaf) => x, { a: leaf(1) }, {})).toThrow('mapParams: "a" is missing in one');
    expect(() => mapParams((x: Leaf) => x, {}, { a: leaf(1) })).toThrow(
      'mapParams: "a" is missing in the first',
    );
  });
});
