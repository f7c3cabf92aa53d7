// An outer objective that is not R (TDFusion's idea): a small segmenter looks for persons and cars in the fused picture.
// Its loss, after an inner update of F, teaches P what F should keep. F is a small network of its own, too.
// Run: node --conditions=@refusion/source --import tsx examples/task-driven.ts
import type { Ops, Tensor } from '@refusion/autodiff';
import { mapParams, type Params, type Rng, rng } from '@refusion/core';
import { batchStream, SCENE_LABELS, type SyntheticScene, splitHalves, syntheticSource } from '@refusion/data';
import { learnableIntensityLoss } from '@refusion/losses';
import {
  initialState,
  type Learner,
  type Sources,
  type Theta,
  train,
  trainingSettings,
} from '@refusion/meta';
import { proposalNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';

const engine = await loadEngine('wasm');
const { ops } = engine;

// ---- the networks: three convolutions each

function convolutions(o: Ops, p: Params<Tensor>, x: Tensor): Tensor {
  const layer = (y: Tensor, n: number) =>
    o.add(o.conv3x3(y, p[`filter${n}`] as Tensor), p[`bias${n}`] as Tensor);
  return layer(o.leakyRelu(layer(o.leakyRelu(layer(x, 1), 0.1), 2), 0.1), 3);
}

function newConvolutions(random: Rng, widths: readonly [number, number, number, number]): Params<Tensor> {
  const params: Record<string, Tensor> = {};
  for (let n = 1; n <= 3; n++) {
    const [from, to] = [widths[n - 1] as number, widths[n] as number];
    const filter = Float32Array.from(
      { length: 9 * from * to },
      () => random.normal() * Math.sqrt(2 / (9 * from)),
    );
    params[`filter${n}`] = ops.constant(filter, [to, from, 3, 3]);
    params[`bias${n}`] = ops.zeros([to]);
  }
  return params;
}

/** F: how much of a and how much of b, pixel by pixel. */
function shareOfA(o: Ops, p: Params<Tensor>, { a, b }: Sources): Tensor {
  return o.sigmoid(convolutions(o, p, o.concat([a, b], -1)));
}
const blend: Learner['fuse'] = (o, p, sources) => {
  const share = shareOfA(o, p, sources);
  return o.add(o.mul(share, sources.a), o.mul(o.sub(1, share), sources.b));
};
const average: Learner['fuse'] = (o, _p, { a, b }) => o.mul(o.add(a, b), 0.5);

// ---- the objective: cross-entropy, the rare classes weighted up

const CLASSES = ['other', 'person', 'car'];
const WEIGHTS = [0.5, 5, 4];
const LABELS = ['person', 'car'].map((name) => SCENE_LABELS.ivif.indexOf(name));

/** 1 in the channel of a pixel's class: `[B, H, W, 1]` to `[B, H, W, 3]`. */
function classesOf(o: Ops, labels: Tensor): Tensor {
  // 1 where a label is the number, 0 at every other whole number.
  const [person, car] = LABELS.map((label) => o.maximum(0, o.sub(1, o.abs(o.sub(labels, label))))) as [
    Tensor,
    Tensor,
  ];
  return o.concat([o.sub(1, o.add(person, car)), person, car], -1);
}

const segment = (o: Ops, p: Params<Tensor>, fused: Tensor) => o.softmax(convolutions(o, p, fused), -1);
const objective: Learner<'labels'>['objective'] = (o, p, fused, { labels }) => {
  const likelihood = o.sum(o.mul(classesOf(o, labels), o.log(o.add(segment(o, p, fused), 1e-6))), [-1], {
    keepDims: true,
  });
  const weight = o.sum(o.mul(classesOf(o, labels), o.constant(WEIGHTS, [3])), [-1], { keepDims: true });
  return { total: o.neg(o.mean(o.mul(weight, likelihood))) };
};

// ---- the scenes: 16 to train on, 8 to test on

const [TRAINING, UNSEEN, SIDE] = [16, 8, 96];
const painted = syntheticSource({
  task: 'ivif',
  count: TRAINING + UNSEEN,
  height: SIDE,
  width: SIDE,
  seed: 1,
});
const scenes = Array.from({ length: painted.length }, (_, i) => painted.scene(i));
const source = { ...painted, pair: async (i: number) => scenes[i] as SyntheticScene };
const [metaTrain, metaTest] = splitHalves(TRAINING, rng(1));
const stream = (name: string, indices: readonly number[]) =>
  batchStream(source, indices, {
    batch: 4,
    crop: 32,
    exchange: false,
    rng: rng(2).fork(name),
    maps: ['labels'],
  });

/** Trains on from a start; prints how the outer loss falls. */
async function trained(
  fuse: Learner['fuse'],
  start: Theta,
  epochs: number,
  metaSteps: number,
): Promise<Theta> {
  const learner: Learner<'labels'> = {
    ...refusionLearner({ loss: learnableIntensityLoss, alphaF: 0.1 }),
    fuse,
    objective,
  };
  const batches = {
    metaTrain: stream('meta-train', metaTrain),
    metaTest: stream('meta-test', metaTest),
    fusionTrain: stream('fusion-train', [...metaTrain, ...metaTest]),
  };
  const settings = trainingSettings({
    epochs,
    metaSteps,
    fusionSteps: 60,
    rate: 1e-2,
    outerRate: 3e-2,
    eta: 0.1,
    accumulate: 3,
  });
  let theta = start;
  const outer: number[] = [];
  const state = initialState(ops, copied(start));
  for await (const event of train(engine, { learnerAt: () => learner, batches }, settings, state)) {
    if (event.type === 'meta-step') outer.push(event.outer.total);
    theta = event.state.theta;
  }
  const mean = (values: readonly number[]) => (values.reduce((x, y) => x + y, 0) / values.length).toFixed(3);
  const fifth = Math.ceil(outer.length / 5);
  if (outer.length > 0)
    console.log(`outer loss: ${mean(outer.slice(0, fifth))} -> ${mean(outer.slice(-fifth))}`);
  return theta;
}

function newTheta(): Theta {
  const params = proposalNetwork({ dim: 4, blocks: 1, heads: 2 }).init(rng(4));
  const uploaded = Object.entries(params).map(
    ([name, { data, shape }]) => [name, ops.constant(data, shape)] as const,
  );
  return {
    fusion: newConvolutions(rng(3), [2, 8, 8, 1]),
    proposal: Object.fromEntries(uploaded),
    objective: newConvolutions(rng(5), [1, 8, 8, 3]),
  };
}

/** The training frees the parameters that it starts from. */
function copied(theta: Theta): Theta {
  const copy = (params: Params<Tensor>) => mapParams((x: Tensor) => ops.mul(x, 1), params);
  return { fusion: copy(theta.fusion), proposal: copy(theta.proposal), objective: copy(theta.objective) };
}

/** Intersection over union of each class on the unseen scenes. */
async function score(name: string, fuse: Learner['fuse'], theta: Theta): Promise<void> {
  const [both, either, shares]: [number[], number[], number[]] = [[0, 0, 0], [0, 0, 0], []];
  for (const { a, b, labels } of scenes.slice(TRAINING)) {
    const likely = ops.scope(() => {
      const image = (data: Float32Array) => ops.constant(data, [1, SIDE, SIDE, 1]);
      const sources = { a: image(a.data), b: image(b.data) };
      const fused = fuse(ops, theta.fusion, sources);
      return {
        found: segment(ops, theta.objective, fused),
        share: ops.mean(shareOfA(ops, theta.fusion, sources)),
      };
    });
    const found = await engine.read(likely.found);
    shares.push((await engine.read(likely.share))[0] as number);
    engine.release(likely);
    labels.data.forEach((label, i) => {
      const [truth, guess] = [LABELS.indexOf(label) + 1, largest(found.subarray(3 * i, 3 * i + 3))];
      for (const c of new Set([truth, guess])) either[c] = (either[c] as number) + 1;
      if (truth === guess) both[truth] = (both[truth] as number) + 1;
    });
  }
  const scores = CLASSES.map(
    (label, c) => `${label} ${((both[c] as number) / (either[c] as number)).toFixed(3)}`,
  );
  const share = shares.reduce((x, y) => x + y, 0) / shares.length;
  const taken = fuse === blend ? `; F takes ${(100 * share).toFixed(0)} % from the infrared` : '';
  console.log(`${name}: IoU ${scores.join(', ')}${taken}`);
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((best, value, c) => (value > (values[best] as number) ? c : best), 0);
}

// The segmenter learns a little on averages; from there both go on for as long.
const start = await trained(average, newTheta(), 4, 0);
await score('fixed average', average, await trained(average, start, 4, 0));
await score('task-driven', blend, await trained(blend, start, 4, 18));
