import { fromBinary } from '@bufbuild/protobuf';
import { FileError, kindOf, OptionError } from '@refusion/core';
import {
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { type Survey, surveyModel } from './survey.js';
import { INTERNAL_DOMAIN } from './writer.js';

/** An input or output of a model. */
export interface ModelValue {
  readonly name: string;
  /** `float`, `int64`, ...; null where it is not a tensor. */
  readonly type: string | null;
  /** Axes that are not fixed have their name, or `?`. Null where the file does not say. */
  readonly shape: readonly (number | string)[] | null;
}

/** What a model file says of itself. */
export interface ModelDescription {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly producer: string;
  /** Whether it has operators that are the runtime's own, such as `compile` writes with `block`. */
  readonly blocked: boolean;
}

/** Fusion networks are well below a megabyte; a gigabyte of anything else is not worth reading. */
export const MOST_MODEL_BYTES = 256 * 2 ** 20;
/** Our own models, in many strips, have some hundred thousands. In memory a part takes up to 300 bytes. */
export const MOST_MODEL_PARTS = 1_000_000;

/**
 * Reads what a model file says of itself. Nothing in it is executed.
 *
 * @param source names the file in errors
 * @throws FileError if it is not an intact ONNX model, larger than 256 MB or of more than a
 * million parts, or has data in other files; OptionError if it is not bytes at all, such as a path
 */
export function describeModel(bytes: Uint8Array, source = 'the model'): ModelDescription {
  if (!(bytes instanceof Uint8Array)) {
    throw new OptionError(`${source}: give the bytes of a model, a Uint8Array, got ${kindOf(bytes)}`);
  }
  expectModelSize(bytes.length, source);
  const model = decode(bytes, source);
  const graph = model.graph;
  if (!graph || graph.output.length === 0 || model.opsetImport.length === 0) {
    throw new FileError(`${source}: not an ONNX model, choose another file`);
  }
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(describeValue),
    outputs: graph.output.map(describeValue),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    blocked: [graph.node, ...model.functions.map(({ node }) => node)].some(hasInternalOperator),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
  };
}

/** @throws FileError if a model of so many bytes is not read */
export function expectModelSize(bytes: number, source: string): void {
  if (bytes <= MOST_MODEL_BYTES) return;
  const megabytes = Math.ceil(bytes / 2 ** 20);
  throw new FileError(
    `${source}: ${megabytes} MB are more than the ${MOST_MODEL_BYTES / 2 ** 20} MB that a model may have, choose another file`,
  );
}

function decode(bytes: Uint8Array, source: string): ModelProto {
  const damaged = (cause: unknown): FileError =>
    new FileError(`${source}: not an intact ONNX model, copy or export it again`, { cause });
  let survey: Survey;
  try {
    survey = surveyModel(bytes, MOST_MODEL_PARTS);
  } catch (cause) {
    throw damaged(cause);
  }
  if (survey.parts > MOST_MODEL_PARTS) {
    throw new FileError(
      `${source}: has more than the ${MOST_MODEL_PARTS} nodes, names, numbers and other parts that a model may have, choose another file`,
    );
  }
  if (survey.external) {
    throw new FileError(
      `${source}: keeps data in other files, save the model again with its weights inside the file`,
    );
  }
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw damaged(cause);
  }
}

/** Whether a node, or one in a graph inside it, is the runtime's own. */
function hasInternalOperator(nodes: readonly NodeProto[]): boolean {
  return nodes.some(
    ({ domain, attribute }) =>
      domain === INTERNAL_DOMAIN ||
      attribute.some(({ g, graphs }) =>
        [...(g ? [g] : []), ...graphs].some(({ node }) => hasInternalOperator(node)),
      ),
  );
}

function describeValue({ name, type }: ValueInfoProto): ModelValue {
  if (type?.value.case !== 'tensorType') return { name, type: null, shape: null };
  const { elemType, shape } = type.value.value;
  const axes = shape?.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : (value.value ?? '?') || '?',
  );
  return { name, type: DataType[elemType]?.toLowerCase() ?? null, shape: axes ?? null };
}
