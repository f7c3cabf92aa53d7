import { create, toBinary } from '@bufbuild/protobuf';
import { FileError } from '@refusion/core';
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  SparseTensorProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TrainingInfoProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { describeModel, MOST_MODEL_PARTS } from './describe.js';
import { surveyModel } from './survey.js';

const external = create(TensorProtoSchema, { dataLocation: TensorProto_DataLocation.EXTERNAL });
const place = create(StringStringEntryProtoSchema, { key: 'location', value: '/etc/passwd' });
const sparse = { values: create(TensorProtoSchema), indices: external };

type ModelInit = NonNullable<Parameters<typeof create<typeof ModelProtoSchema>>[1]>;
type AttributeInit = NonNullable<Parameters<typeof create<typeof AttributeProtoSchema>>[1]>;
const node = (attribute: AttributeInit) =>
  create(NodeProtoSchema, { attribute: [create(AttributeProtoSchema, attribute)] });
const graph = (init: NonNullable<Parameters<typeof create<typeof GraphProtoSchema>>[1]>) =>
  create(GraphProtoSchema, { output: [create(ValueInfoProtoSchema, { name: 'y' })], ...init });

function bytesOf(init: ModelInit): Uint8Array {
  const opsetImport = [create(OperatorSetIdProtoSchema, { version: 20n })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport, graph: graph({}), ...init }));
}

describe('describeModel', () => {
  it.each<[string, ModelInit]>([
    ['initializers', { graph: graph({ initializer: [external] }) }],
    [
      'sparse initializers',
      { graph: graph({ sparseInitializer: [create(SparseTensorProtoSchema, sparse)] }) },
    ],
    ['attributes', { graph: graph({ node: [node({ tensors: [external] })] }) }],
    ['sparse attributes', { graph: graph({ node: [node({ sparseTensor: sparse })] }) }],
    ['graphs of attributes', { graph: graph({ node: [node({ g: graph({ initializer: [external] }) })] }) }],
    ['functions', { functions: [create(FunctionProtoSchema, { node: [node({ t: external })] })] }],
    [
      'graphs of training',
      { trainingInfo: [create(TrainingInfoProtoSchema, { algorithm: graph({ initializer: [external] }) })] },
    ],
    [
      'tensors that name a file and do not say so',
      { graph: graph({ initializer: [create(TensorProtoSchema, { externalData: [place] })] }) },
    ],
  ])('refuses data in other files in %s', (_where, init) => {
    expect(() => describeModel(bytesOf(init), 'm.onnx')).toThrow(FileError);
    expect(() => describeModel(bytesOf(init), 'm.onnx')).toThrow('m.onnx: keeps data in other files, ');
  });

  it('refuses graphs in graphs without end', () => {
    let inner = graph({});
    for (let level = 0; level < 100; level++) inner = graph({ node: [node({ g: inner })] });
    expect(() => describeModel(bytesOf({ graph: inner }), 'm.onnx')).toThrow('not an intact ONNX model');
  });
});

describe('surveyModel', () => {
  const bare = surveyModel(bytesOf({}), MOST_MODEL_PARTS).parts;

  it('counts nodes, and whole numbers in lists', () => {
    const nodes = Array.from({ length: 10 }, () => create(NodeProtoSchema));
    expect(surveyModel(bytesOf({ graph: graph({ node: nodes }) }), MOST_MODEL_PARTS).parts).toBe(bare + 10);
    const ints = bytesOf({ graph: graph({ node: [node({ ints: Array(1000).fill(1n) })] }) });
    expect(surveyModel(ints, MOST_MODEL_PARTS).parts).toBeGreaterThan(bare + 1000);
  });

  it('ends where there are too many', () => {
    const nodes = Array.from({ length: 1000 }, () => create(NodeProtoSchema));
    expect(surveyModel(bytesOf({ graph: graph({ node: nodes }) }), 100).parts).toBe(101);
  });
});
