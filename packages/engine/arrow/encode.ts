import type { Column } from '@boathouse/contracts';
import { makeData, RecordBatch, RecordBatchStreamWriter, type Schema, Struct } from 'apache-arrow';
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
      const whole = streamOf([batch]);
      return whole.subarray(schemaBytes.length, whole.length - END_OF_STREAM.length);
    },
    stream: (messages) => concat([schemaBytes, ...messages, END_OF_STREAM]),
  };
}

function streamOf(batches: RecordBatch[]): Uint8Array {
  return RecordBatchStreamWriter.writeAll(batches).toUint8Array(true);
}

/** The first message of a stream. A Table without batches would join columns of one name, so an empty batch is written. */
function schemaMessage(schema: Schema): Uint8Array {
  const children = schema.fields.map((field) => makeData({ type: field.type, length: 0 }));
  const data = makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children });
  const bytes = streamOf([new RecordBatch(schema, data)]);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true);
  return bytes.slice(0, 8 + length);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
