import { reference, type Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, ShapeError } from '@refusion/core';
import { fusionChain, type NetworkConfig } from '@refusion/networks';
import { passesOf } from './passes.js';
import type { StripPlan } from './plan-strips.js';
import type { RowSource } from './row-source.js';
import { rowStore } from './row-store.js';
import type { Numbers, StageRunner } from './stage.js';
import { runPass } from './strip-pass.js';
import { sumTotals } from './sum-totals.js';

export interface EvaluateStripsOptions {
  /** The size of F. */
  readonly config: NetworkConfig;
  readonly runner: StageRunner;
  /** Both of one size. */
  readonly sources: readonly [a: RowSource, b: RowSource];
  readonly plan: StripPlan;
  /** Receives the fused rows, in (0, 1), from the top down. */
  readonly onRows: (start: number, values: Numbers) => void;
  /** Called after every strip of every pass. */
  readonly onStrip?: ((done: number, total: number) => void) | undefined;
}

/**
 * Evaluates F on a picture in horizontal strips, exactly: the result is that of the whole picture, up to rounding.
 *
 * The attention of every block looks at the whole picture, but through sums over its pixels alone. So F is evaluated in
 * passes. Each pass goes over all strips and gathers the sums that the next attention needs, of which its maps are
 * made, in float64; the last pass gives the fused rows. A pass starts from the features of the pass before, for the rows
 * that the plan keeps, and from the sources for the others. A strip is read with as many rows more on both sides as
 * the 3x3 filters reach, except at the picture's own borders, where F pads with zeros.
 *
 * @throws ShapeError if the sources differ in size
 */
export async function evaluateStrips(options: EvaluateStripsOptions): Promise<void> {
  const { config, sources, plan, runner } = options;
  const [{ height, width }, b] = sources;
  if (b.height !== height || b.width !== width) {
    throw new ShapeError(
      `evaluateStrips: b must have the size of a, ${width}x${height}, got ${b.width}x${b.height}`,
    );
  }
  const chain = fusionChain(config);
  const store = rowStore(Math.min(plan.keptRows, height), width, 2 * config.dim);
  const params = mapParams(
    (x: NdArray): Tensor => reference.ops.constant(x.data, x.shape),
    await runner.weights(),
  );
  const passes = passesOf(chain);
  const strips = Math.ceil(height / plan.stripHeight);
  const maps: (readonly Tensor[])[] = chain.map(() => []);
  for (const [i, pass] of passes.entries()) {
    const totals = sumTotals();
    await runPass({
      ...options,
      chain,
      pass,
      store,
      maps,
      totals,
      onStrip: (done) => options.onStrip?.(i * strips + done, passes.length * strips),
    });
    const next = chain[pass.to + 1];
    if (next?.attention) maps[pass.to + 1] = next.attention.maps(reference.ops, params, totals.tensors());
  }
}
