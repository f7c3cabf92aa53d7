import type { Ops, Tensor } from '@refusion/autodiff';
import {
  expectInteger,
  expectTensors,
  isRecord,
  kindOf,
  mapParams,
  type NdArray,
  OptionError,
  type Params,
  toFloat64,
} from '@refusion/core';
import { type Block, expectBlock } from './block.js';
import { type SymbolicShape, type TracedGraph, trace } from './graph/trace.js';
import { type Layout, lower } from './lowering/lower.js';
import { ModelWriter } from './model/writer.js';
import { optimised, optimisedForBlocks } from './passes/index.js';
import { inStrips } from './passes/strips.js';

const VERSION = '0.1.0';
/** Lower strips compute too much twice, for their neighbours. */
const LEAST_ROWS = 8;

/** An input of a compiled model. */
export interface InputSpec {
  /** As the op set has it, images as `[B, H, W, C]`; a name stands for any length: `['B', 'H', 'W', 1]`. */
  readonly shape: SymbolicShape;
  /**
   * How callers of the model store it. `channels-first`, the default for four axes: `[B, C, H, W]`; `row-major`, the
   * default for others: the axes as they are.
   */
  readonly layout?: Layout;
}

export interface CompileOptions {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Parameters, which become constants of the model. Default: none. */
  readonly params?: Params<NdArray>;
  /** Layouts of outputs, by name. Defaults as for inputs. */
  readonly outputLayouts?: Readonly<Record<string, Layout>>;
  /**
   * Evaluates images in strips of about so many pixels, of all images of a batch together, which is faster where images outgrow the processor's caches. For
   * fixed lengths alone. Default: whole images.
   */
  readonly stripPixels?: number;
  /**
   * Stores images as onnxruntime's own kernels have them, so many channels side by side, and uses its internal operators:
   * several times faster for derivatives, for fixed lengths alone, and only on machines where `probeBlock` of
   * `@refusion/onnx/node` gives this number. Default: public operators, which run anywhere.
   */
  readonly block?: Block;
  /** The graph's name. Default `refusion`. */
  readonly name?: string;
  /** Properties that the model file carries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What is compiled: a function of the op set from named inputs and parameters to named outputs. */
export type ModelFunction = (
  ops: Ops,
  inputs: Readonly<Record<string, Tensor>>,
  params: Params<Tensor>,
) => Readonly<Record<string, Tensor>>;

/**
 * Compiles a function of the op set to an ONNX model: networks, losses, derivatives taken by `vjp` and `jvp`. The
 * model has public operators alone, float32.
 *
 * @returns the bytes of an `.onnx` file
 * @throws ShapeError where shapes do not fit, or, naming the operation, where a graph cannot express how something
 * depends on the length of a named axis; OptionError if a name stands for an input and an output, an input has no shape, or
 * the function does not return tensors by name
 * @example
 * const bytes = compile((ops, { x }) => ({ y: ops.gelu(x) }), { inputs: { x: { shape: ['N', 3] } } });
 */
export function compile(fn: ModelFunction, options: CompileOptions): Uint8Array {
  expectInputs(options?.inputs);
  const { inputs, params = {}, outputLayouts = {}, stripPixels, name = 'refusion', metadata = {} } = options;
  if (options.block !== undefined) expectBlocks(options.block, inputs);
  const shapes = Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, shape]));
  const traced = trace((ops, nodes) => {
    const constants = mapParams((x: NdArray): Tensor => ops.constant(toFloat64(x), x.shape), params);
    const outputs = fn(ops, nodes, constants);
    expectTensors('compile', 'what the function returns', outputs);
    return outputs;
  }, shapes);
  const shared = Object.keys(traced.outputs).find((output) => Object.hasOwn(inputs, output));
  if (shared !== undefined) {
    throw new OptionError(`compile: an input and an output are both called "${shared}", rename one`);
  }
  const layouts = Object.fromEntries(
    Object.entries(inputs).flatMap(([key, { layout }]) => (layout ? [[key, layout]] : [])),
  );
  const writer = new ModelWriter();
  const { block } = options;
  const shaped = block ? optimisedForBlocks(traced, block) : cut(optimised(traced), stripPixels);
  lower(writer, shaped, { ...layouts, ...outputLayouts }, block);
  return writer.finish({
    name,
    producer: '@refusion/onnx',
    version: VERSION,
    metadata: { ...metadata, ...(block && { block: `${block}` }) },
  });
}

function expectInputs(inputs: CompileOptions['inputs']): void {
  if (!isRecord(inputs)) {
    throw new OptionError(
      `compile: inputs must name each input with its shape, as { x: { shape: ['N', 3] } } does, got ${kindOf(inputs)}`,
    );
  }
  for (const [name, input] of Object.entries(inputs)) {
    const shape: unknown = input?.shape;
    if (Array.isArray(shape) && shape.every(isLength)) continue;
    const got = Array.isArray(shape) ? `[${shape}]` : kindOf(shape);
    throw new OptionError(
      `compile: the shape of the input "${name}" must be a list of whole numbers and names, got ${got}`,
    );
  }
}

function isLength(axis: unknown): boolean {
  return typeof axis === 'string' || (Number.isInteger(axis) && (axis as number) >= 0);
}

function expectBlocks(block: number, inputs: CompileOptions['inputs']): void {
  expectBlock('compile', block);
  const names = new Set(
    Object.values(inputs).flatMap(({ shape }) => shape.filter((x) => typeof x === 'string')),
  );
  if (names.size > 0) {
    throw new OptionError(`compile: block needs fixed lengths, give ${[...names].join(', ')} as numbers`);
  }
}

/** In strips, if that is wanted and an input is an image that is large enough to be cut. */
function cut(traced: TracedGraph, stripPixels: number | undefined): TracedGraph {
  if (stripPixels === undefined) return traced;
  expectInteger('compile', 'stripPixels', stripPixels, 1);
  if (traced.sizes.symbols.length > 0) {
    const names = traced.sizes.symbols.join(', ');
    throw new OptionError(`compile: stripPixels needs fixed lengths, give ${names} as numbers`);
  }
  const image = Object.values(traced.inputs).find(({ shape }) => shape.length === 4);
  const [batch, height, width] = image?.shape ?? [];
  if (!batch || !height || !width) return traced;
  const rows = Math.max(LEAST_ROWS, Math.round(stripPixels / (batch * width)));
  return rows < height ? inStrips(traced, height, rows) : traced;
}
