import type { Ops, Tensor } from '@refusion/autodiff';
import type { NdArray, Params } from '@refusion/core';
import { fusion, type Link } from '@refusion/networks';
import { SUM_NAMES } from './sum-totals.js';

/** Numbers as engines give them. */
export type Numbers = Float32Array | Float64Array;

/** A piece of F that is evaluated on one strip after another: a plain function of the op set with named arguments. */
export interface Stage {
  /** Tells the stages of one network apart. */
  readonly name: string;
  /** The name and shape of each input; `null` stands for the number, height and width of pictures. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[];
  /** The name of each output. */
  readonly outputs: readonly string[];
  apply(ops: Ops, params: Params<Tensor>, inputs: readonly Tensor[]): readonly Tensor[];
}

/** F on something that evaluates stages: an engine, or a runtime that compiles each once. */
export interface StageRunner {
  /** The engine's name. */
  readonly name: string;
  /** Whether it runs `FUSION_STAGE` alone, so that pictures cannot go in strips. */
  readonly wholeOnly?: true;
  /**
   * Whether F whole is evaluated for pictures of this size in a way that takes much less memory. Default: never.
   */
  leanAt?(height: number, width: number): boolean;
  /** The values of F's parameters. */
  weights(): Promise<Params<NdArray>>;
  /**
   * Evaluates a stage.
   * @returns the outputs' values, row-major, in the order of `stage.outputs`
   */
  run(stage: Stage, inputs: readonly NdArray<Numbers>[]): Promise<readonly Numbers[]>;
  /** Frees F's parameters, and what was compiled. */
  dispose(): void;
}

/** What can compute beside engines of the op set: a runtime that compiles the stages of F for its parameters. */
export interface StageEngine {
  readonly name: string;
  start(weights: Params<NdArray>): Promise<StageRunner>;
}

/** F as one stage, for whole pictures. */
export const FUSION_STAGE: Stage = {
  name: 'fusion',
  inputs: ['a', 'b'].map((name) => ({ name, shape: [null, null, null, 1] })),
  outputs: ['fused'],
  apply: (ops, params, [a, b]) => [fusion(ops, params, a as Tensor, b as Tensor)],
};

/** Which links of a chain a stage applies, and what it gives. */
export interface Span {
  /** The link whose output goes in; -1 for the sources. */
  readonly from: number;
  /** The last link that is applied. */
  readonly to: number;
  /** Whether its images come out. */
  readonly images: boolean;
  /** Whether the sums of the link after it come out. */
  readonly sums: boolean;
}

/** The stage that applies some links of F to a strip, the attention maps given. */
export function chainStage(chain: readonly Link[], { from, to, images, sums }: Span): Stage {
  const applied = chain.slice(from + 1, to + 1);
  const attention = sums ? chain[to + 1]?.attention : null;
  const entering = from < 0 ? [1, 1] : (chain[from] as Link).channels;
  const mapSizes = applied.map((link) => link.attention?.channels ?? []);
  return {
    name: `links ${from + 1} to ${to}${images ? ', images' : ''}${sums ? ', sums' : ''}`,
    inputs: [
      ...entering.map((channels, i) => ({ name: `x${i}`, shape: [1, null, null, channels] })),
      ...mapSizes.flatMap((sizes, i) =>
        sizes.map((c, j) => ({ name: `map${from + 1 + i}_${j}`, shape: [1, c, c] })),
      ),
      ...(attention ? [{ name: 'rows', shape: [1, null, 1, 1] }] : []),
    ],
    outputs: [
      ...(images ? (chain[to] as Link).channels.map((_channels, i) => `y${i}`) : []),
      ...(attention ? attention.channels.flatMap((_c, i) => SUM_NAMES.map((name) => `${name}${i}`)) : []),
    ],
    apply: (ops, params, inputs) => {
      const rest = [...inputs];
      let x: readonly Tensor[] = rest.splice(0, entering.length);
      applied.forEach((link, i) => {
        const [given, maps] = [x, rest.splice(0, (mapSizes[i] as number[]).length)];
        x = ops.scope(() => link.apply(ops, params, given, maps));
        if (i > 0) for (const image of given) ops.release(image);
      });
      const rows = rest[0] as Tensor;
      const summed = attention ? attention.sums(ops, params, x, rows) : [];
      return [...(images ? x : []), ...summed.flatMap((each) => SUM_NAMES.map((name) => each[name]))];
    },
  };
}
