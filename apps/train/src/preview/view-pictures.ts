import { type Engine, evaluate, type Step, type Tensor } from '@refusion/autodiff';
import type { NdArray, Tree } from '@refusion/core';
import type { GrayPair } from '@refusion/data';
import type { FusionLoss } from '@refusion/losses';
import type { Sources, Theta } from '@refusion/meta';
import { fusion, proposal, reconstruction } from '@refusion/networks';

/** The side that a picture of the fixed pair is cut to, in pixels: a look must cost little beside an update. */
const MOST_SIDE = 256;

/** The middle of a pair, at most 256 pixels a side. */
export function middleOf({ a, b }: GrayPair): GrayPair {
  return { a: middle(a), b: middle(b) };
}

function middle({ data, shape }: NdArray<Float32Array>): NdArray<Float32Array> {
  const [height, width] = shape as readonly [number, number];
  const [rows, columns] = [Math.min(height, MOST_SIDE), Math.min(width, MOST_SIDE)];
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = (top + row) * width + left;
    out.set(data.subarray(from, from + columns), row * columns);
  }
  return { data: out, shape: [rows, columns] };
}

/** Pictures `[H, W]` in [0, 1] by name. */
export type NamedPictures = { readonly [name: string]: NdArray<Float32Array> };

/**
 * What the networks make of a pair: the fused picture, its reconstructions, and, of the maps that the loss uses, the
 * weights of source a (those of b are 1 less them).
 */
export async function viewPictures(
  engine: Engine,
  theta: Theta,
  loss: FusionLoss,
  pair: GrayPair,
): Promise<NamedPictures> {
  const { ops } = engine;
  const [a, b] = [pair.a, pair.b].map(({ data, shape }) => ops.constant(data, [1, ...shape, 1])) as [
    Tensor,
    Tensor,
  ];
  let tensors: Tree<Tensor> = [];
  try {
    const pictures = await evaluate(engine, lookBy(loss), { theta, sources: { a, b } });
    tensors = pictures;
    const read = Object.entries<Tensor>(pictures).map(
      async ([name, x]) =>
        [name, { data: Float32Array.from(await engine.read(x)), shape: pair.a.shape }] as const,
    );
    return Object.fromEntries(await Promise.all(read));
  } finally {
    engine.release([a, b, tensors]);
  }
}

type Look = Step<{ readonly theta: Theta; readonly sources: Sources }, { readonly [name: string]: Tensor }>;

const LOOKS = new WeakMap<FusionLoss, Look>();

/** The pictures of a loss, as a step: the same one at every call. */
function lookBy(loss: FusionLoss): Look {
  const look: Look = LOOKS.get(loss) ?? {
    name: 'the look at a pair',
    run: (ops, { theta, sources: { a, b } }) => {
      const fused = fusion(ops, theta.fusion, a, b);
      const back = reconstruction(ops, theta.objective, fused);
      const pictures = { fused, 'reconstructed-a': back.a, 'reconstructed-b': back.b };
      if (loss.uses.length === 0) return pictures;
      const maps = Object.entries(proposal(ops, theta.proposal, a, b)).filter(([name]) =>
        loss.uses.includes(name),
      );
      const ofA = maps.map(([name, map]) => [name, ops.split(map, 2, -1)[0] as Tensor]);
      return { ...pictures, ...(Object.fromEntries(ofA) as Record<string, Tensor>) };
    },
  };
  LOOKS.set(loss, look);
  return look;
}
