// What is timed: the stages of a meta-step for one image, as functions of the op set.
import { grad, jvp, type Ops, type Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, rng } from '@refusion/core';
import { batchGradients, outerLoss } from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import type { InputSpec, Layout, ModelFunction } from '@refusion/onnx';
import { refusionLearner } from '@refusion/pipeline';

type Named = Readonly<Record<string, Tensor>>;
type Arrays = Record<string, NdArray<Float32Array>>;

/** A stage, what it takes and gives, and values for it. */
export interface Stage {
  readonly run: ModelFunction;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputLayouts: Readonly<Record<string, Layout>>;
  readonly values: Arrays;
}

const learner = refusionLearner({ alphaF: 0.5 });
const NETWORKS = { F: fusionNetwork(), P: proposalNetwork(), R: reconstructionNetwork() };
/** Parameters, which are stored as the op set has them. */
const ROW_MAJOR: Layout = 'row-major';

function below(inputs: Named, prefix: string): Params<Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, x]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), x]] : [],
    ),
  );
}

function named(params: Params<Tensor>, prefix: string): Named {
  return Object.fromEntries(Object.entries(params).map(([name, x]) => [`${prefix}.${name}`, x]));
}

function sourcesOf(inputs: Named): { a: Tensor; b: Tensor } {
  return { a: inputs['a'] as Tensor, b: inputs['b'] as Tensor };
}

/** The inner update's gradients, which are those of a fusion update too. */
const inner: ModelFunction = (ops, inputs) => {
  const theta = { fusion: below(inputs, 'F'), proposal: below(inputs, 'P'), objective: below(inputs, 'R') };
  const gradients = batchGradients(ops, learner, theta, sourcesOf(inputs));
  const { fused, fusionLoss, objectiveLoss, fusion, objective } = gradients;
  return {
    fused,
    lossF: fusionLoss.total,
    lossR: objectiveLoss.total,
    ...named(fusion, 'dF'),
    ...named(objective, 'dR'),
  };
};

/** The outer loss's gradient in the updated parameters of F. */
const outer: ModelFunction = (ops, inputs) => {
  const updated = { fusion: below(inputs, 'F'), objective: below(inputs, 'R') };
  const { terms, gradient } = outerLoss(ops, learner, updated, sourcesOf(inputs));
  return { outer: terms.total, ...named(gradient, 'dF') };
};

/** The directional derivative of the fused image, and the gradient in P's parameters. */
const hyper: ModelFunction = (ops, inputs) => {
  const sources = sourcesOf(inputs);
  const fuse = (o: Ops, params: Params<Tensor>): Tensor => learner.fuse(o, params, sources);
  const { value: fused, tangent } = jvp(ops, fuse, below(inputs, 'F'), below(inputs, 'v'));
  const mixed = (o: Ops, params: Params<Tensor>): Tensor => {
    const proposal = learner.propose(o, params, sources);
    const loss = (oo: Ops, image: Tensor): Tensor => learner.fusionLoss(oo, image, sources, proposal).total;
    return o.sum(o.mul(tangent, grad(o, loss, fused)));
  };
  return { tangent, ...named(grad(ops, mixed, below(inputs, 'P')), 'dP') };
};

/** All three, for an image of `size x size` pixels and networks of full size with fresh parameters. */
export function stages(size: number): Readonly<Record<'inner' | 'outer' | 'hyper', Stage>> {
  const random = rng(1);
  const pixels = (): NdArray<Float32Array> => ({
    data: Float32Array.from({ length: size * size }, () => random.uniform()),
    shape: [1, 1, size, size],
  });
  const images = { a: pixels(), b: pixels() };
  const stage = (run: ModelFunction, ...nets: readonly ('F' | 'P' | 'R' | 'v')[]): Stage => {
    const params = Object.assign({}, ...nets.map(parametersOf)) as Arrays;
    const image = { shape: [1, size, size, 1] };
    const rows = ({ shape }: NdArray): InputSpec => ({ shape, layout: ROW_MAJOR });
    const specs = Object.entries(params).map(([name, x]): [string, InputSpec] => [name, rows(x)]);
    return {
      run,
      inputs: { a: image, b: image, ...Object.fromEntries(specs) },
      outputLayouts: Object.fromEntries(Object.keys(params).map((name) => [`d${name}`, ROW_MAJOR])),
      values: { ...images, ...params },
    };
  };
  return {
    inner: stage(inner, 'F', 'P', 'R'),
    outer: stage(outer, 'F', 'R'),
    hyper: stage(hyper, 'F', 'v', 'P'),
  };
}

/** A network's parameters by name; `v` is a direction in those of F. */
function parametersOf(net: 'F' | 'P' | 'R' | 'v'): Arrays {
  const params = NETWORKS[net === 'v' ? 'F' : net].init(rng(net.charCodeAt(0)));
  return Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [
      `${net}.${name}`,
      { data: Float32Array.from(data), shape },
    ]),
  );
}
