import type { Float64Tensor, Tensor } from '@refusion/autodiff';
import type { NdArray } from '@refusion/core';
import type { Link } from '@refusion/networks';
import { haloOf, type Pass } from './passes.js';
import type { StripPlan } from './plan-strips.js';
import type { RowSource } from './row-source.js';
import type { RowStore } from './row-store.js';
import { chainStage, type Numbers, type StageRunner } from './stage.js';
import type { SumTotals } from './sum-totals.js';

export interface PassOptions {
  readonly chain: readonly Link[];
  readonly pass: Pass;
  readonly runner: StageRunner;
  readonly sources: readonly [a: RowSource, b: RowSource];
  readonly plan: StripPlan;
  /** What the pass reads where it has rows, and then keeps for the next. */
  readonly store: RowStore;
  /** The attention maps of the links that are applied, of each link. */
  readonly maps: readonly (readonly Tensor[])[];
  readonly totals: SumTotals;
  readonly onRows: (start: number, values: Numbers) => void;
  readonly onStrip: (done: number) => void;
}

/** A strip: the rows that it gives, and those that go in. */
interface Strip {
  readonly top: number;
  readonly bottom: number;
  /** The link whose output goes in; -1 for the sources. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

/** Features that were computed and wait until no strip needs those that they replace. */
interface Waiting {
  readonly strip: Strip;
  readonly images: readonly Numbers[];
}

/** One pass over all strips, from the top down. */
export async function runPass(options: PassOptions): Promise<void> {
  const { chain, pass, store, totals, onRows } = options;
  const channels = (chain[pass.to] as Link).channels;
  let waiting: Waiting[] = [];
  const keepAbove = (row: number): void => {
    for (const { strip, images } of waiting.filter(({ strip }) => strip.bottom <= row)) {
      const count = Math.min(strip.bottom, store.rows) - strip.top;
      store.write(images, channels, strip.top, strip.top - strip.start, count);
    }
    waiting = waiting.filter(({ strip }) => strip.bottom > row);
  };
  const strips = stripsOf(options);
  for (const [i, strip] of strips.entries()) {
    const keeps = pass.sums && pass.to > 0 && strip.top < store.rows;
    const outputs = await runStrip(options, strip, keeps);
    const images = keeps || !pass.sums ? outputs.slice(0, channels.length) : [];
    if (pass.sums) totals.add(outputs.slice(images.length));
    else onRows(strip.top, rowsOf(images[0] as Numbers, strip));
    if (keeps) waiting.push({ strip, images });
    keepAbove(strips[i + 1]?.start ?? Number.POSITIVE_INFINITY);
    options.onStrip(i + 1);
  }
}

/**
 * The strips of a pass; those whose rows are all in the store start from it. All have inputs of one height, so that a
 * runtime finds room for each where the one before was: at the picture's borders they show more than is needed.
 */
function stripsOf({ chain, pass, plan, store, sources: [{ height }] }: PassOptions): Strip[] {
  const reach = (top: number, bottom: number, from: number, limit: number): Strip => {
    const halo = haloOf(chain, from, pass);
    const rows = Math.min(limit, plan.stripHeight + 2 * halo);
    const start = Math.min(Math.max(0, top - halo), limit - rows);
    return { top, bottom, from, start, end: start + rows };
  };
  const strips: Strip[] = [];
  for (let top = 0; top < height; top += plan.stripHeight) {
    const bottom = Math.min(height, top + plan.stripHeight);
    const stored = Math.min(height, bottom + haloOf(chain, pass.kept, pass)) <= store.rows;
    strips.push(stored ? reach(top, bottom, pass.kept, store.rows) : reach(top, bottom, -1, height));
  }
  return strips;
}

async function runStrip(
  { chain, pass, runner, sources, store, maps }: PassOptions,
  strip: Strip,
  keeps: boolean,
): Promise<readonly Numbers[]> {
  const { from, start, end, top, bottom } = strip;
  const images = keeps || !pass.sums;
  const stage = chainStage(chain, { from, to: pass.to, images, sums: pass.sums });
  const entering = from < 0 ? [1, 1] : (chain[from] as Link).channels;
  const data = from < 0 ? sources.map((source) => source.rows(start, end)) : store.read(entering, start, end);
  const { width } = sources[0];
  const inputs: NdArray<Numbers>[] = [
    ...data.map((values, i) => ({ data: values, shape: [1, end - start, width, entering[i] as number] })),
    ...maps.slice(from + 1, pass.to + 1).flatMap((each) => each as readonly Float64Tensor[]),
  ];
  if (pass.sums) {
    const counted = new Float32Array(end - start).fill(1, top - start, bottom - start);
    inputs.push({ data: counted, shape: [1, end - start, 1, 1] });
  }
  return runner.run(stage, inputs);
}

/** The rows of an image of one channel that its strip gives. */
function rowsOf(image: Numbers, { start, end, top, bottom }: Strip): Numbers {
  const width = image.length / (end - start);
  return image.subarray((top - start) * width, (bottom - start) * width);
}
