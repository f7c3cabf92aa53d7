import type { Step, Tensor } from '@refusion/autodiff';
import type { Tree } from '@refusion/core';
import type { Block } from '../../block.js';
import { compile } from '../../compile.js';
import type { Layout } from '../../lowering/lower.js';
import {
  type Arrays,
  arraysAt,
  imageCount,
  namedAt,
  nodesAt,
  type Places,
  placesOf,
  treeAt,
} from './places.js';

export type AnyStep = Step<Tree<Tensor>, Tree<Tensor>>;

/** A step as a model for inputs of certain shapes. */
export interface StepModel {
  readonly bytes: Uint8Array;
  /** The inputs of each run: one for the batch, or one for each image. */
  arraysOf(inputs: Tree<Tensor>): Arrays[];
  /** The step's result, from what each run gave, in their order. */
  resultOf(outputs: readonly Arrays[]): Tree<Tensor>;
}

/** Where a run of a step finds its inputs: the same for batches of any length where it is imagewise. */
export function inputPlaces({ name, imagewise }: AnyStep, inputs: Tree<Tensor>): Places {
  return placesOf(inputs, imagewise?.images ?? [], { prefix: 'in', where: name });
}

/**
 * Traces and compiles a step, of single images where it is imagewise.
 *
 * @param block as `compile` has it
 * @throws ShapeError where shapes do not fit
 */
export function stepModel(step: AnyStep, inputs: Tree<Tensor>, block: Block | undefined): StepModel {
  const { name, imagewise } = step;
  const taken = inputPlaces(step, inputs);
  const rowMajor: Record<string, Layout> = {};
  let given: Places | undefined;
  const bytes = compile(
    (ops, nodes) => {
      const result = step.run(ops, nodesAt(ops, nodes, taken));
      given = placesOf(result, imagewise?.perImage ?? [], { prefix: 'out', where: name });
      for (const { at } of given.images) rowMajor[at] = 'row-major';
      return namedAt(ops, result, given, name);
    },
    { inputs: inputSpecs(taken), outputLayouts: rowMajor, ...(block && { block }), name: 'step' },
  );
  const results = given as Places;
  return {
    bytes,
    arraysOf: (values) => arraysAt(values, taken, imageCount(values, taken, name)),
    resultOf: (outputs) => treeAt(outputs, results),
  };
}

function inputSpecs({ shared, images }: Places): Parameters<typeof compile>[1]['inputs'] {
  const ofImages = images.map(({ at, shape }) => [at, { shape, layout: 'row-major' }] as const);
  return {
    ...(shared.size > 0 ? { [shared.name]: { shape: [shared.size] } } : {}),
    ...Object.fromEntries(ofImages),
  };
}
