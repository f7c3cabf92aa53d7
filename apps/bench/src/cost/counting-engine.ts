import { type Engine, Ops } from '@refusion/autodiff';
import { type Cost, costOf } from './cost-of.js';

/** An engine that counts what it computes on another. */
export interface CountingEngine {
  readonly engine: Engine;
  /** What has been computed since the last call. */
  readonly take: () => Cost;
}

const NOTHING: Cost = { products: 0, others: 0, bytes: 0 };

/** The op set evaluated on an engine, and counted on the way: derivatives are operations like all others. */
export function countingEngine(below: Engine): CountingEngine {
  let cost = NOTHING;
  const ops = new Ops({
    name: below.name,
    constant: (values, shape) => below.ops.constant(values, shape),
    apply: (_set, operation, inputs, attrs) => {
      const output = below.ops.apply(operation, inputs, attrs);
      const shapes = inputs.map(({ shape }) => shape);
      cost = sum(cost, costOf(operation.name, shapes, output.shape));
      return output;
    },
    scope: (fn) => below.ops.scope(fn),
    release: (x) => below.ops.release(x),
  });
  const take = (): Cost => {
    const taken = cost;
    cost = NOTHING;
    return taken;
  };
  return { engine: { ...below, ops }, take };
}

function sum(a: Cost, b: Cost): Cost {
  return { products: a.products + b.products, others: a.others + b.others, bytes: a.bytes + b.bytes };
}
