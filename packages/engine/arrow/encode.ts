import type { Column } from '@boathouse/contracts';
import {
  type Data,
  DataType,
  type Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  type Schema,
  Struct,
} from 'apache-arrow';
import { arrowSchema } from './schema.ts';

/** The end mark of an Arrow IPC stream: continuation and a length of zero. */
export const END_OF_STREAM = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** The parts of an Arrow IPC stream, so that windows of it can be joined without decoding. */
export interface StreamEncoder {
  /** The schema message. */
  readonly schemaBytes: Uint8Array;
  /** One record batch message with its body. */
  batch(batch: RecordBatch): Uint8Array;
  /** A whole stream of the given messages. */
  stream(messages: readonly Uint8Array[]): Uint8Array;
}

export function streamEncoder(columns: readonly Column[]): StreamEncoder {
  const schema = arrowSchema(columns);
  const schemaBytes = schemaMessage(schema);
  return {
    schemaBytes,
    batch(batch) {
      const whole = streamOf([underSchema(batch, schema)]);
      return whole.subarray(schemaBytes.length, whole.length - END_OF_STREAM.length);
    },
    stream: (messages) => concat([schemaBytes, ...messages, END_OF_STREAM]),
  };
}

function streamOf(batches: RecordBatch[]): Uint8Array {
  return RecordBatchStreamWriter.writeAll(batches).toUint8Array(true);
}

/** The library's batches join fields of one name in their schema (not in their data); results may have such columns. */
const underSchema = (batch: RecordBatch, schema: Schema): RecordBatch => Object.assign(batch, { schema });

/** The first message of a stream, taken from one with an empty batch. */
function schemaMessage(schema: Schema): Uint8Array {
  const data = emptyData(new Struct(schema.fields)) as Data<Struct>;
  const bytes = streamOf([underSchema(new RecordBatch(schema, data), schema)]);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true);
  return bytes.slice(0, 8 + length);
}

/** Data of no rows: the library builds it only for types without children. */
function emptyData(type: DataType): Data {
  const children = (type.children ?? []).map((field: Field) => emptyData(field.type));
  const none = { type, length: 0, nullCount: 0 };
  if (DataType.isStruct(type)) return makeData({ ...none, type, children });
  const valueOffsets = new Int32Array(1);
  if (DataType.isList(type)) return makeData({ ...none, type, valueOffsets, child: children[0]! });
  if (DataType.isMap(type)) return makeData({ ...none, type, valueOffsets, child: children[0]! as Data<MapEntries> });
  if (DataType.isUtf8(type)) return makeData({ ...none, type, valueOffsets, data: new Uint8Array() });
  if (DataType.isBinary(type)) return makeData({ ...none, type, valueOffsets, data: new Uint8Array() });
  return makeData(none);
}
type MapEntries = Struct<{ key: DataType; value: DataType }>;

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
