import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { TensorProto_DataLocation as DataLocation, ModelProtoSchema, TensorProtoSchema } from 'onnx-buf';

/** What the bytes of a model hold, told without making an object of any of it. */
export interface Survey {
  /** Nodes, attributes, names, lengths and all other fields, and whole numbers in lists: each becomes an object. */
  readonly parts: number;
  /** Whether a tensor anywhere in it lies in another file. */
  readonly external: boolean;
}

/** Graphs inside graphs; more than one or two are no network. */
const MOST_LEVELS = 64;

/**
 * Walks through the bytes of a model. Two bytes of a file can become objects of hundreds, so that this comes first.
 * @param most ends the walk: the parts are more then
 * @throws Error if the bytes are no ONNX model
 */
export function surveyModel(bytes: Uint8Array, most: number): Survey {
  const reader = new BinaryReader(bytes);
  let parts = 0;
  let external = false;
  const walk = (type: DescMessage, end: number, level: number): void => {
    if (level > MOST_LEVELS) throw new RangeError('too many levels');
    const fields = fieldsOf(type);
    while (reader.pos < end && parts <= most) {
      const [number, wireType] = reader.tag();
      const field = fields.get(number);
      parts++;
      if (wireType !== WireType.LengthDelimited) {
        const start = reader.pos;
        reader.skip(wireType, number);
        external ||= isLocation(type, field) && bytes[start] === DataLocation.EXTERNAL;
        continue;
      }
      const length = reader.uint32();
      const last = reader.pos + length;
      if (last > end) throw new RangeError('a part is longer than the whole');
      external ||= type === TensorProtoSchema && field === TensorProtoSchema.field.externalData;
      if (field?.message) walk(field.message, last, level + 1);
      else if (isListOfIntegers(field)) parts += length;
      reader.pos = last;
    }
  };
  walk(ModelProtoSchema, bytes.length, 0);
  return { parts, external };
}

const known = new Map<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(type: DescMessage): ReadonlyMap<number, DescField> {
  const fields = known.get(type) ?? new Map(type.fields.map((field) => [field.number, field]));
  known.set(type, fields);
  return fields;
}

function isLocation(type: DescMessage, field: DescField | undefined): boolean {
  return type === TensorProtoSchema && field === TensorProtoSchema.field.dataLocation;
}

/** Packed, each is a byte at least. Fractions are as long in a file as in memory, or half as long. */
function isListOfIntegers(field: DescField | undefined): boolean {
  return field?.fieldKind === 'list' && field.listKind === 'scalar' && INTEGERS.includes(field.scalar);
}

const INTEGERS: readonly ScalarType[] = [
  ScalarType.INT32,
  ScalarType.INT64,
  ScalarType.UINT32,
  ScalarType.UINT64,
];
