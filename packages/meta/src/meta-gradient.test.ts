import { grad, type Ops, reference, type Tensor } from '@refusion/autodiff';
import { mapParams, type Params } from '@refusion/core';
import { derivativeAtZero, dot, expectClose, normals } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { type Batch, type Learner, metaGradient, sgd, type Theta } from './index.js';

const { ops } = reference;
const ETA = 0.3;

/**
 * A learner small enough to see through: F mixes the sources by two numbers, P weighs them by two more, and the
 * objective scales the fused image by one.
 */
const toy: Learner = {
  fuse: (o, p, { a, b }) => o.sigmoid(o.add(o.mul(p['f1'] as Tensor, a), o.mul(p['f2'] as Tensor, b))),
  propose: (o, p, { a }) => ({ w: o.sigmoid(o.add(o.mul(p['p1'] as Tensor, a), p['p2'] as Tensor)) }),
  fusionLoss: (o, fused, { a, b }, proposal) => {
    const w = proposal['w'] as Tensor;
    const keepA = o.mul(w, o.square(o.sub(a, fused)));
    const keepB = o.mul(o.sub(1, w), o.square(o.sub(b, fused)));
    return { total: o.mean(o.add(keepA, keepB)) };
  },
  objective: (o, p, fused, { a, b }) => {
    const image = o.mul(p['r'] as Tensor, fused);
    const total = o.mean(o.add(o.square(o.sub(a, image)), o.square(o.sub(b, image))));
    return { total };
  },
};

function params(names: readonly string[], seed: number): Params<Tensor> {
  const values = normals(names.length, seed);
  return Object.fromEntries(names.map((name, i) => [name, ops.scalar(values[i] as number)]));
}

const theta: Theta = {
  fusion: params(['f1', 'f2'], 1),
  proposal: params(['p1', 'p2'], 2),
  objective: params(['r'], 3),
};

function batch(seed: number): Batch {
  const image = (s: number): Tensor =>
    ops.constant(
      normals(12, s).map((x) => 0.5 + 0.2 * x),
      [1, 3, 4, 1],
    );
  return { a: image(seed), b: image(seed + 1) };
}

const flat = (record: Params<Tensor>): Float64Array =>
  Float64Array.from(Object.values(record).flatMap((x) => [...(x as unknown as { data: Float64Array }).data]));

/**
 * The two-level computation written out: inner steps by hand, the objective's own parameters held at the values they
 * reach (they take no part in the hypergradient), the objective at the end.
 */
function outerByHand(
  o: Ops,
  proposalParams: Params<Tensor>,
  train: readonly Batch[],
  test: Batch,
  objective: Params<Tensor>,
): Tensor {
  let fusion = theta.fusion;
  for (const sources of train) {
    const proposal = toy.propose(o, proposalParams, sources);
    const loss = (oo: Ops, p: Params<Tensor>): Tensor =>
      toy.fusionLoss(oo, toy.fuse(oo, p, sources), sources, proposal).total;
    fusion = mapParams((x, g) => o.sub(x, o.mul(g, ETA)), fusion, grad(o, loss, fusion));
  }
  return toy.objective(o, objective, toy.fuse(o, fusion, test), test).total;
}

describe.each([1, 2, 3])('the hypergradient through %i inner steps', (count) => {
  const train = Array.from({ length: count }, (_unused, k) => batch(10 + 2 * k));
  const test = batch(40);
  const result = metaGradient(ops, toy, theta, train, test, ETA);
  const reached = (result.inner.at(-1) as (typeof result.inner)[number]).updated.objective;
  const exact = flat(result.hypergradient.gradient);

  it('equals double backward through the op set', () => {
    const twice = grad(
      ops,
      (o, p: Params<Tensor>) => outerByHand(o, p, train, test, reached),
      theta.proposal,
    );
    expectClose(exact, flat(twice), 1e-12);
  });

  it('equals finite differences of the whole two-level computation', () => {
    const direction = params(['p1', 'p2'], 77);
    const along = derivativeAtZero((t) => {
      const moved = mapParams((x, d) => ops.add(x, ops.mul(d, t)), theta.proposal, direction);
      return flat({ loss: outerByHand(ops, moved, train, test, reached) });
    });
    expectClose([dot(exact, flat(direction))], along, 1e-8);
  });

  it('is not zero, and there is one directional derivative a step', () => {
    expect(Math.hypot(...exact)).toBeGreaterThan(1e-6);
    expect(result.hypergradient.directional).toHaveLength(count);
  });
});

it('leaves theta as it was, and the objective does not move F', () => {
  const before = [flat(theta.fusion), flat(theta.proposal), flat(theta.objective)];
  const { inner } = metaGradient(ops, toy, theta, [batch(5)], batch(7), ETA);
  expect([flat(theta.fusion), flat(theta.proposal), flat(theta.objective)]).toEqual(before);
  const { gradients, updated } = inner[0] as (typeof inner)[number];
  expectClose(flat(updated.fusion), flat(sgd(ops, theta.fusion, gradients.fusion, ETA)), 0);
});

it('compares with the targets where a batch has them', () => {
  const [train, test, others] = [batch(5), batch(7), batch(9)];
  const { inner, outer } = metaGradient(
    ops,
    toy,
    theta,
    [{ ...train, targets: others }],
    { ...test, targets: others },
    ETA,
  );
  const { updated, gradients } = inner[0] as (typeof inner)[number];
  const expected = (p: Params<Tensor>, fused: Tensor): Float64Array =>
    flat({ total: toy.objective(ops, p, fused, others).total });
  expect(flat({ total: gradients.objectiveLoss.total })).toEqual(expected(theta.objective, gradients.fused));
  expect(flat({ total: outer.terms.total })).toEqual(expected(updated.objective, outer.fused));
});

it.each([
  [
    'eta',
    () => metaGradient(ops, toy, theta, [batch(5)], batch(7), 0),
    /eta must be a number above 0, got 0/,
  ],
  ['steps', () => metaGradient(ops, toy, theta, [], batch(7), 1), /needs at least one inner step/],
])('refuses a bad %s in one sentence', (_what, run, message) => {
  expect(run).toThrow(message);
});
