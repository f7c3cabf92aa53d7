import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** The operator set whose operators are used: the first that has Gelu. */
const OPSET = 20n;
/** Where onnxruntime has the operators that it makes of public ones while it rewrites a graph. */
export const INTERNAL_DOMAIN = 'com.microsoft.nchwc';
/** The version of these operators. */
const INTERNAL_VERSION = 1n;
/** The version of the file format that came with it. */
const IR_VERSION = 9n;
/** Constants of more bytes are not compared with each other to leave one out. */
const LONGEST_COMPARED = 256;

/** A whole number, a list of them, a fraction, or a text. */
export type Attribute = number | readonly number[] | { readonly float: number } | { readonly text: string };

/** What a model file says besides its graph. */
export interface ModelHeader {
  readonly name: string;
  readonly producer: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Collects the nodes and constants of one ONNX graph. */
export class ModelWriter {
  private readonly nodes: NodeProto[] = [];
  private readonly initializers = new Map<string, TensorProto>();
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];
  private readonly known = new Map<string, string>();
  private readonly shapes = new Map<string, ValueInfoProto>();
  /** What views show. */
  private readonly views = new Map<string, string>();

  input(name: string, shape: readonly (number | string)[]): void {
    this.inputs.push(valueInfo(name, shape));
  }

  output(name: string, shape: readonly (number | string)[], value: string): void {
    this.nodes.push(nodeProto('Identity', [value], name, {}, ''));
    this.outputs.push(valueInfo(name, shape));
  }

  /**
   * Says what shape a value has. Runtimes do not find the names of axes by themselves behind a convolution, and fuse
   * only what they know to be of one shape.
   */
  describe(name: string, shape: readonly (number | string)[]): void {
    this.shapes.set(name, valueInfo(name, shape));
  }

  /**
   * Adds a node of one output, unless there is an equal one, and gives the output's name.
   * @param inputs the empty name stands for one that is left out
   * @param domain of the operator. Default: ONNX's own.
   */
  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const key = `${domain}.${type}(${inputs})${JSON.stringify(attributes)}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const output = `${type.toLowerCase()}_${this.nodes.length}`;
    this.nodes.push(nodeProto(type, inputs, output, attributes, domain));
    this.known.set(key, output);
    return output;
  }

  /**
   * The same numbers in another shape: a view of a view shows what that one shows.
   * @param target the shape, as the name of a list of whole numbers, none of them 0
   */
  view(name: string, target: string): string {
    const source = this.views.get(name) ?? name;
    const output = this.op('Reshape', [source, target]);
    this.views.set(output, source);
    return output;
  }

  /** A constant of float32 numbers. */
  floats(values: ArrayLike<number>, shape: readonly number[]): string {
    const data = Float32Array.from(values);
    return this.initializer(DataType.FLOAT, shape, new Uint8Array(data.buffer));
  }

  /** A constant list of whole numbers. */
  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values.map(BigInt));
    return this.initializer(DataType.INT64, [values.length], new Uint8Array(data.buffer));
  }

  private initializer(
    dataType: DataType,
    shape: readonly number[],
    rawData: Uint8Array<ArrayBuffer>,
  ): string {
    const key = `${dataType}[${shape}]${rawData.length < LONGEST_COMPARED ? rawData : this.initializers.size}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const name = `constant_${this.initializers.size}`;
    const dims = shape.map(BigInt);
    this.initializers.set(name, create(TensorProtoSchema, { name, dims, dataType, rawData }));
    this.known.set(key, name);
    return name;
  }

  /** The bytes of the model file. Nodes and constants that no output needs are left out. */
  finish({ name, producer, version, metadata }: ModelHeader): Uint8Array {
    const nodes = this.neededNodes();
    const domains = [...new Set(['', ...nodes.map(({ domain }) => domain)])];
    const used = new Set(nodes.flatMap(({ input }) => input));
    const initializer = [...this.initializers.values()].filter((tensor) => used.has(tensor.name));
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: producer,
      producerVersion: version,
      opsetImport: domains.map((domain) =>
        create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? OPSET : INTERNAL_VERSION }),
      ),
      graph: create(GraphProtoSchema, {
        name,
        node: nodes,
        initializer,
        input: this.inputs,
        output: this.outputs,
        valueInfo: nodes.flatMap(({ output: [name] }) => this.shapes.get(name as string) ?? []),
      }),
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    });
    return toBinary(ModelProtoSchema, model);
  }

  private neededNodes(): NodeProto[] {
    const needed = new Set(this.outputs.map((output) => output.name));
    const kept = this.nodes.toReversed().filter((node) => {
      const used = node.output.some((output) => needed.has(output));
      if (used) for (const input of node.input) needed.add(input);
      return used;
    });
    return kept.reverse();
  }
}

function nodeProto(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>>,
  domain: string,
): NodeProto {
  return create(NodeProtoSchema, {
    name: output,
    opType,
    domain,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  });
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  }
  if ('text' in value) {
    const bytes = new TextEncoder().encode(value.text);
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: bytes });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((axis) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof axis === 'number'
          ? { case: 'dimValue', value: BigInt(axis) }
          : { case: 'dimParam', value: axis },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: DataType.FLOAT,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}
