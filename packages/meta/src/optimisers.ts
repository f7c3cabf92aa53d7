import type { Ops, Tensor } from '@refusion/autodiff';
import { expectPositive, mapParams, type Params } from '@refusion/core';
import { onVectors } from './on-vectors.js';

type Parameters = Params<Tensor>;

/** theta - rate g */
export function sgd(ops: Ops, params: Parameters, gradients: Parameters, rate: number): Parameters {
  const [updated] = onVectors(
    ops,
    (x, g) => [ops.sub(x as Tensor, ops.mul(g as Tensor, rate))],
    params,
    gradients,
  );
  return updated as Parameters;
}

/**
 * theta - rate g / max |g|, the maximum over all parameters together: the authors' outer update. A gradient of
 * zeros changes nothing.
 */
export function normalisedSgd(ops: Ops, params: Parameters, gradients: Parameters, rate: number): Parameters {
  return ops.scope(() => {
    const sizes = Object.values(gradients).map((g) => ops.max(ops.abs(g)));
    const largest = sizes.reduce((a, b) => ops.maximum(a, b), ops.scalar(SMALLEST));
    const scale = ops.div(rate, largest);
    return mapParams((x, g) => ops.sub(x, ops.mul(g, scale)), params, gradients);
  });
}

/** Stands in for a largest entry of 0; below any gradient that a step could make use of. */
const SMALLEST = 1e-30;

/** The running moments of Adam. */
export interface AdamState {
  /** Updates made so far. */
  readonly step: number;
  readonly m: Parameters;
  readonly v: Parameters;
}

export interface AdamOptions {
  /** The learning rate. */
  readonly rate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/** Moments of zero. */
export function adamState(ops: Ops, params: Parameters): AdamState {
  const zeros = (): Parameters => ops.scope(() => mapParams((x: Tensor) => ops.zeros(x.shape), params));
  return { step: 0, m: zeros(), v: zeros() };
}

/**
 * One update of Adam (Kingma and Ba 2015), in PyTorch's form: theta - rate m^ / (sqrt(v^) + epsilon) with
 * bias-corrected moments.
 */
export function adam(
  ops: Ops,
  params: Parameters,
  gradients: Parameters,
  state: AdamState,
  options: AdamOptions,
): { params: Parameters; state: AdamState } {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  expectPositive('adam', 'rate', rate);
  const step = state.step + 1;
  const stepSize = rate / (1 - beta1 ** step);
  const spread = 1 / Math.sqrt(1 - beta2 ** step);
  const blend = (old: Tensor, fresh: Tensor, beta: number): Tensor =>
    ops.add(ops.mul(old, beta), ops.mul(fresh, 1 - beta));
  const descend = (x: Tensor, m: Tensor, v: Tensor): Tensor =>
    ops.sub(x, ops.div(ops.mul(m, stepSize), ops.add(ops.mul(ops.sqrt(v), spread), epsilon)));
  const update = (x: Tensor, g: Tensor, oldM: Tensor, oldV: Tensor): Tensor[] => {
    const m = blend(oldM, g, beta1);
    const v = blend(oldV, ops.square(g), beta2);
    return [descend(x, m, v), m, v];
  };
  const records = [params, gradients, state.m, state.v] as const;
  const [updated, m, v] = onVectors(
    ops,
    (...vectors) => update(...(vectors as [Tensor, Tensor, Tensor, Tensor])),
    ...records,
  ) as [Parameters, Parameters, Parameters];
  return { params: updated, state: { step, m, v } };
}
