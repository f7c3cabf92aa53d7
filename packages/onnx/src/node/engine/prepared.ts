import { randomUUID } from 'node:crypto';
import type { Tensor } from '@refusion/autodiff';
import type { Tree } from '@refusion/core';
import type { Block } from '../../block.js';
import type { ModelHandle } from './sessions.js';
import { type AnyStep, inputPlaces, type StepModel, stepModel } from './step-model.js';

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
  /** By the shapes of a run's inputs, the one that was asked for last at the end. */
  readonly byShapes: Map<string, Prepared>;
}

/** Of each step: what is ready in more shapes than these takes memory for what rarely comes again. */
const MOST_SHAPES = 4;

/** The models of steps: of each name one step, in the shapes that came last. */
export class PreparedSteps {
  private readonly byName = new Map<string, Ready>();

  constructor(private readonly options: PreparedOptions) {}

  /** What is ready already, or null. */
  find(step: AnyStep, inputs: Tree<Tensor>): Prepared | null {
    const ready = this.byName.get(step.name);
    if (ready?.step !== step) return null;
    const shapes = shapesOf(step, inputs);
    const prepared = ready.byShapes.get(shapes);
    if (prepared) putLast(ready.byShapes, shapes, prepared);
    return prepared ?? null;
  }

  /** Traces and compiles. A model that comes out as the one before it, as it may from one epoch to the next, stays. */
  prepare(step: AnyStep, inputs: Tree<Tensor>): Prepared {
    const { block, threads } = this.options;
    const shapes = shapesOf(step, inputs);
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
    const byShapes = before?.step === step ? before.byShapes : new Map<string, Prepared>();
    putLast(byShapes, shapes, prepared);
    this.byName.set(step.name, { step, byShapes });
    return prepared;
  }

  /** The ids of all models that may be needed again. */
  ids(): string[] {
    return [...this.byName.values()].flatMap(({ byShapes }) =>
      [...byShapes.values()].map(({ handle }) => handle.id),
    );
  }
}

/** The names and shapes of what one run takes. */
function shapesOf(step: AnyStep, inputs: Tree<Tensor>): string {
  return JSON.stringify(inputPlaces(step, inputs).tree);
}

function putLast(byShapes: Map<string, Prepared>, shapes: string, prepared: Prepared): void {
  byShapes.delete(shapes);
  byShapes.set(shapes, prepared);
  const [first] = byShapes.keys();
  if (byShapes.size > MOST_SHAPES) byShapes.delete(first as string);
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
