import type { ObjectStore, ResultManifest } from '@boathouse/contracts';
import { concat, END_OF_STREAM } from '../arrow/encode.ts';

export interface ResultWindow {
  /** An Arrow IPC stream of whole batches. */
  bytes: Uint8Array;
  /** Row number of its first row: at or before the one asked for. */
  rowOffset: number;
  rows: number;
}

/**
 * The batches that hold rows `rowOffset` to `rowOffset + rows` of a stored result. Bytes are joined, nothing is decoded;
 * the window may begin earlier and end later than asked. Throws OBJECT_NOT_FOUND where the result has expired.
 */
export async function readWindow(
  store: ObjectStore,
  manifest: ResultManifest,
  rowOffset: number,
  rows: number,
): Promise<ResultWindow> {
  const wanted = manifest.batches.filter(
    (batch) => batch.rowOffset < rowOffset + rows && batch.rowOffset + batch.rows > rowOffset,
  );
  const first = wanted[0];
  if (!first) {
    const schema = await store.getRange(manifest.key, 0, manifest.schemaByteLength);
    return { bytes: concat([schema, END_OF_STREAM]), rowOffset: Math.min(rowOffset, manifest.rowCount), rows: 0 };
  }
  const last = wanted[wanted.length - 1]!;
  const end = last.byteOffset + last.byteLength;
  const count = last.rowOffset + last.rows - first.rowOffset;
  // The first batch follows the schema: one read instead of two.
  if (first.byteOffset === manifest.schemaByteLength) {
    return {
      bytes: concat([await store.getRange(manifest.key, 0, end), END_OF_STREAM]),
      rowOffset: first.rowOffset,
      rows: count,
    };
  }
  const [schema, body] = await Promise.all([
    store.getRange(manifest.key, 0, manifest.schemaByteLength),
    store.getRange(manifest.key, first.byteOffset, end - first.byteOffset),
  ]);
  return { bytes: concat([schema, body, END_OF_STREAM]), rowOffset: first.rowOffset, rows: count };
}
