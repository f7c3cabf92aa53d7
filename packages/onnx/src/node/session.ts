import { availableParallelism } from 'node:os';
import {
  FileError,
  hasShape,
  kindOf,
  type NdArray,
  OptionError,
  RefusionError,
  ShapeError,
  sizeOf,
} from '@refusion/core';
import { outlived } from '@refusion/core/node';
import type { InferenceSession } from 'onnxruntime-node';
import { describeModel, type ModelDescription } from '../model/describe.js';
import { isOutOfMemory, sentenceOf } from './errors.js';
import { expectMachineBlock } from './machine-block.js';
import { expectProvider } from './providers.js';
import { loadRuntime, type Provider } from './runtime.js';
import { expectThreads } from './threads.js';

export interface SessionOptions {
  /** Threads within an operator, at most 1024. Default: one for each core. */
  readonly threads?: number;
  /** What computes. Default `cpu`. */
  readonly provider?: Provider;
  /**
   * Lets the runtime rewrite the graph first. That takes seconds for a training step of thousands of nodes, and gains
   * nothing where a graph was compiled with `block`. Default true.
   */
  readonly optimise?: boolean;
  /**
   * Takes a model with operators that are the runtime's own, which check less of what they are given. For models that
   * this program has just compiled, never for files. Default false.
   */
  readonly blocked?: boolean;
  /** What errors call the model, such as its path. Default `the model`. */
  readonly name?: string;
}

/** Arrays by name, stored as the model has its inputs and outputs: images `[B, C, H, W]`. */
export type Arrays = Readonly<Record<string, NdArray<Float32Array>>>;

/** A model that is ready to run: what is slow about it, optimising and packing weights, is done. */
export interface Session {
  readonly description: ModelDescription;
  readonly provider: Provider;
  /**
   * Computes all outputs. The inputs are read, never kept or changed.
   * @throws ShapeError if an input is missing or the model cannot take its shape; OptionError if one is no array of float32;
   * RefusionError if the memory is not enough, and after `close`
   */
  run(inputs: Arrays): Promise<Record<string, NdArray<Float32Array>>>;
  /** Frees the model. */
  close(): Promise<void>;
}

/**
 * Opens a model in onnxruntime for Node. Create one and use it often.
 *
 * @param model the bytes of an ONNX file, such as `compile` gives
 * @throws FileError if it is no model, the runtime does not take it, or it was compiled for blocks that this machine does
 * not have; OptionError if the provider is not there, or of more
 * threads than any machine has cores;
 * RefusionError if onnxruntime does not load
 * @example
 * const session = await openSession(bytes);
 * const { y } = await session.run({ x: { data: new Float32Array(3), shape: [1, 3] } });
 */
export async function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { threads = availableParallelism(), provider = 'cpu', name = 'the model' } = options;
  const { optimise = true, blocked = false } = options;
  expectThreads('openSession', 'threads', threads);
  const description = describeModel(model, name);
  if (description.blocked && !blocked) {
    throw new FileError(
      `${name}: has operators that are onnxruntime's own, which only a model compiled by this program may have; export it with public operators`,
    );
  }
  if (description.blocked) await expectMachineBlock(description, name);
  const runtime = await loadRuntime();
  let session: InferenceSession;
  try {
    session = await outlived(() =>
      runtime.InferenceSession.create(model, sessionOptions(threads, provider, optimise)),
    );
  } catch (cause) {
    // So that the model is not blamed for it.
    await expectProvider(provider);
    const where = provider === 'cpu' ? '' : ` on "${provider}"`;
    throw new FileError(`${name}: onnxruntime does not take this model${where}: ${sentenceOf(cause)}`, {
      cause,
    });
  }
  return new RuntimeSession(runtime, session, description, provider, name);
}

function sessionOptions(
  threads: number,
  provider: Provider,
  optimise: boolean,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Patterns of earlier runs double the memory and gain no time.
    enableMemPattern: false,
    // Errors come as exceptions; nothing is printed.
    logSeverityLevel: 4,
  };
}

/** @throws OptionError unless it is an array of float32, which the runtime takes as it is */
function expectFloat32(name: string, input: string, array: NdArray<Float32Array>): void {
  if (!hasShape(array)) {
    throw new OptionError(
      `${name}: the input "${input}" must be an array { data, shape }, got ${kindOf(array)}`,
    );
  }
  if (array.data instanceof Float32Array) return;
  throw new OptionError(
    `${name}: the data of the input "${input}" must be a Float32Array, got ${kindOf(array.data)}: convert it by Float32Array.from`,
  );
}

type Runtime = Awaited<ReturnType<typeof loadRuntime>>;

class RuntimeSession implements Session {
  private open = true;

  constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    readonly description: ModelDescription,
    readonly provider: Provider,
    private readonly name: string,
  ) {}

  async run(inputs: Arrays): Promise<Record<string, NdArray<Float32Array>>> {
    if (!this.open) throw new RefusionError(`${this.name}: the session has been closed, open another`);
    const feeds = this.session.inputNames.map((input) => {
      const array = Object.hasOwn(inputs ?? {}, input) ? inputs[input] : undefined;
      if (!array) throw new ShapeError(`${this.name}: the input "${input}" is missing`);
      expectFloat32(this.name, input, array);
      if (array.data.length !== sizeOf(array.shape) || array.shape.some((length) => length < 0)) {
        throw new ShapeError(
          `${this.name}: the input "${input}" has ${array.data.length} values for the shape [${array.shape}]`,
        );
      }
      return [input, new this.runtime.Tensor('float32', array.data, [...array.shape])] as const;
    });
    const results = await this.compute(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(results).map(([output, { data, dims }]) => [
        output,
        { data: data as Float32Array, shape: dims },
      ]),
    );
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await outlived(() => this.session.release());
  }

  private async compute(feeds: InferenceSession.FeedsType): Promise<InferenceSession.ReturnType> {
    try {
      return await outlived(() => this.session.run(feeds));
    } catch (cause) {
      if (isOutOfMemory(cause)) {
        throw new RefusionError(
          `${this.name}: there is not enough memory for these inputs: ${sentenceOf(cause)}`,
          {
            cause,
          },
        );
      }
      throw new ShapeError(`${this.name}: the model cannot take these inputs: ${sentenceOf(cause)}`, {
        cause,
      });
    }
  }
}
