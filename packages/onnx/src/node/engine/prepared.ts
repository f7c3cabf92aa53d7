import { randomUUID } from 'node:crypto';
import type { Tensor } from '@refusion/autodiff';
import { leavesOf, type Tree, withLeaves } from '@refusion/core';
import type { Block } from '../../block.js';
import type { ModelHandle } from './sessions.js';
import { type AnyStep, type StepModel, stepModel } from './step-model.js';

/** A step that is ready for inputs of certain shapes. */
export interface Prepared {
  readonly model: StepModel;
  readonly handle: ModelHandle;
}

export interface PreparedOptions {
  readonly block: Block | undefined;
  /** Threads within an operator, where a batch is one run. */
  readonly threads: number;
}

interface Ready {
  readonly step: AnyStep;
  /** By the shapes of inputs. */
  readonly byShapes: ReadonlyMap<string, Prepared>;
}

/** The models of steps: of each name one step, in every shape that came. */
export class PreparedSteps {
  private readonly byName = new Map<string, Ready>();

  constructor(private readonly options: PreparedOptions) {}

  /** What is ready already, or null. */
  find(step: AnyStep, inputs: Tree<Tensor>): Prepared | null {
    const ready = this.byName.get(step.name);
    return (ready?.step === step && ready.byShapes.get(shapesOf(inputs))) || null;
  }

  /** Traces and compiles. A model that comes out as the one before it, as it may from one epoch to the next, stays. */
  prepare(step: AnyStep, inputs: Tree<Tensor>): Prepared {
    const { block, threads } = this.options;
    const shapes = shapesOf(inputs);
    const before = this.byName.get(step.name);
    const model = stepModel(step, inputs, block);
    const old = before?.byShapes.get(shapes);
    const handle =
      old && sameBytes(old.handle.bytes, model.bytes)
        ? old.handle
        : {
            id: randomUUID(),
            name: step.name,
            bytes: shared(model.bytes),
            threads: step.imagewise ? 1 : threads,
            blocked: block !== undefined,
            // Rewriting thousands of nodes takes seconds and gains little.
            optimise: false,
          };
    const prepared = { model, handle };
    const others = before?.step === step ? before.byShapes : [];
    this.byName.set(step.name, { step, byShapes: new Map([...others, [shapes, prepared]]) });
    return prepared;
  }

  /** The ids of all models that may be needed again. */
  ids(): string[] {
    return [...this.byName.values()].flatMap(({ byShapes }) =>
      [...byShapes.values()].map(({ handle }) => handle.id),
    );
  }
}

/** The names and shapes of a tree's leaves. */
function shapesOf(tree: Tree<Tensor>): string {
  return JSON.stringify(
    withLeaves(
      tree,
      leavesOf<Tensor>(tree).map(({ shape }) => ({ shape })),
    ),
  );
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
