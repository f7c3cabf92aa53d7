import { availableParallelism } from 'node:os';
import type { Engine, Step, Tensor } from '@refusion/autodiff';
import { OptionError, RefusionError, type Tree } from '@refusion/core';
import { type Block, expectBlock } from '../../block.js';
import { type OpenModel, probeBlock } from '../probe.js';
import { loadRuntime } from '../runtime.js';
import { type BlockChoice, chooseBlock } from '../self-test.js';
import { expectThreads } from '../threads.js';
import { asHostTensor, hostOps } from './host-ops.js';
import { Pool } from './pool.js';
import { type Prepared, PreparedSteps } from './prepared.js';
import { type Lane, Sessions } from './sessions.js';
import type { AnyStep } from './step-model.js';
import { WorkerThread } from './worker-thread.js';

export interface OnnxEngineOptions {
  /** Worker threads, over which the images of a batch are spread; there are never more than images, and at most 1024. Default: one for each core. */
  readonly workers?: number;
  /** Threads within an operator, for steps that take a batch as a whole, at most 1024. Default: one for each core. */
  readonly threads?: number;
  /** The one that onnxruntime has on this machine, or null for public operators. Default: what `chooseBlock` finds. */
  readonly block?: Block | null;
  /** What opens the models of `chooseBlock`. Default: `openSession`. */
  readonly open?: OpenModel;
  /** Is told the name of a step that has not been prepared within a second. */
  readonly onPreparing?: (name: string) => void;
}

/** The engine of this package. */
export interface OnnxEngine extends Engine {
  readonly name: 'onnx';
  /** The block that steps are laid out in; null where they have public operators. */
  readonly block: Block | null;
  readonly remark: string;
  close(): Promise<void>;
}

/** Longer preparations are told. */
const PATIENCE_MS = 1000;

/**
 * The op set on onnxruntime, float32: a step is compiled to a model for the shapes of its inputs, derivatives included,
 * and evaluated as a whole. Where a step is imagewise, each image of a batch is a run of its own on a worker thread, and
 * means are added in the order of the images, so that results are the same to the bit for any number of workers.
 *
 * `ops` computes on arrays of this process, in float64 rounded to float32: meant for what is small, such as updates of
 * parameters. `close` ends the worker threads and frees the models.
 *
 * @throws RefusionError if onnxruntime does not load; OptionError if an option is outside its range, or the block is
 * not the one that onnxruntime has on this machine
 * @example
 * const engine = await onnxEngine({ workers: 2 });
 * const step = { name: 'square', run: (ops, x) => ops.mul(x, x) };
 * await engine.read(await evaluate(engine, step, engine.ops.constant([3], [1]))); // [9]
 */
export async function onnxEngine(options: OnnxEngineOptions = {}): Promise<OnnxEngine> {
  const { workers = availableParallelism(), threads = availableParallelism() } = options;
  expectThreads('onnxEngine', 'workers', workers);
  expectThreads('onnxEngine', 'threads', threads);
  const chosen = await choice(options);
  const { block } = chosen;
  const runner = new StepRunner(workers, threads, block ?? undefined, options.onPreparing ?? (() => {}));
  return {
    name: 'onnx',
    block,
    ops: hostOps,
    remark: remarkOf(chosen, workers),
    read: async (x) => asHostTensor(x).data.slice(),
    tensorCount: () => 0,
    release: () => {},
    evaluate: <I extends Tree<Tensor>, O extends Tree<Tensor>>(step: Step<I, O>, inputs: I): Promise<O> =>
      runner.evaluate(step as unknown as AnyStep, inputs) as Promise<O>,
    close: () => runner.close(),
  };
}

/**
 * `onnxEngine`, where it is fast; or null, and the sentence that says why it is not: onnxruntime does not load, or its
 * own operators, without which derivatives take longer than on WebAssembly, do not compute what they should.
 */
export async function fastOnnxEngine(
  options: Omit<OnnxEngineOptions, 'block'> = {},
): Promise<{ readonly engine: OnnxEngine } | { readonly engine: null; readonly reason: string }> {
  try {
    const engine = await onnxEngine(options);
    if (engine.block !== null) return { engine };
    await engine.close();
    return { engine: null, reason: engine.remark };
  } catch (error) {
    if (!(error instanceof RefusionError) || error instanceof OptionError) throw error;
    return { engine: null, reason: error.message };
  }
}

async function choice({ block, open }: OnnxEngineOptions): Promise<BlockChoice> {
  if (block === undefined) return chooseBlock(open);
  if (block === null) {
    await loadRuntime();
    return { block, reason: 'as asked for' };
  }
  expectBlock('onnxEngine', block);
  const found = await probeBlock(open);
  if (found === block) return { block, reason: null };
  // The runtime's own operators would trust it, and could end the process.
  throw new OptionError(
    `onnxEngine: onnxruntime has ${found === null ? 'no blocks' : `blocks of ${found}`} on this machine, not of ${block}; leave block out`,
  );
}

function remarkOf({ block, reason }: BlockChoice, workers: number): string {
  const layout = block === null ? `public operators (${reason})` : `blocks of ${block}`;
  return `onnx: ${layout}, ${workers === 1 ? '1 worker' : `${workers} workers`}`;
}

/** Prepares steps and hands their runs to the threads. */
class StepRunner {
  private readonly steps: PreparedSteps;
  private readonly here = new Sessions();
  private pool: Pool | null = null;
  private open = true;

  constructor(
    private readonly workers: number,
    threads: number,
    block: Block | undefined,
    private readonly onPreparing: (name: string) => void,
  ) {
    this.steps = new PreparedSteps({ block, threads });
  }

  async evaluate(step: AnyStep, inputs: Tree<Tensor>): Promise<Tree<Tensor>> {
    if (!this.open) throw new RefusionError('onnx: the engine has been closed, open another');
    const ready = this.steps.find(step, inputs);
    if (ready) return this.runs(step, ready, inputs);
    const began = performance.now();
    const prepared = this.steps.prepare(step, inputs);
    const patience = Math.max(0, PATIENCE_MS - (performance.now() - began));
    const timer = setTimeout(() => this.onPreparing(step.name), patience);
    return this.runs(step, prepared, inputs).finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    this.open = false;
    await this.here.close();
    await this.pool?.close();
  }

  private async runs(
    step: AnyStep,
    { model, handle }: Prepared,
    inputs: Tree<Tensor>,
  ): Promise<Tree<Tensor>> {
    const lane = step.imagewise ? this.lane : this.here;
    const keep = this.steps.ids();
    const runs = model.arraysOf(inputs).map((arrays) => lane.run({ model: handle, keep, inputs: arrays }));
    // All come to an end, whatever happens to one.
    const settled = await Promise.allSettled(runs);
    return model.resultOf(
      settled.map((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      }),
    );
  }

  /** Where single images are run. A single worker is this thread. */
  private get lane(): Lane {
    if (this.workers === 1) return this.here;
    this.pool ??= new Pool(this.workers, () => new WorkerThread());
    return this.pool;
  }
}
