import type { Column } from '@boathouse/contracts';
import { type RecordBatch, RecordBatchStreamWriter, type Schema, Table } from 'apache-arrow';
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
  const empty = streamOf(schema, []);
  const schemaBytes = empty.slice(0, empty.length - END_OF_STREAM.length);
  return {
    schemaBytes,
    batch(batch) {
      const whole = streamOf(schema, [batch]);
      return whole.subarray(schemaBytes.length, whole.length - END_OF_STREAM.length);
    },
    stream: (messages) => concat([schemaBytes, ...messages, END_OF_STREAM]),
  };
}

function streamOf(schema: Schema, batches: RecordBatch[]): Uint8Array {
  const writer = RecordBatchStreamWriter.writeAll(batches.length ? batches : new Table(schema));
  return writer.toUint8Array(true);
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
