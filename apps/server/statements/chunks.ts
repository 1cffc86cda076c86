import type { ObjectStore, ResultManifest } from '@boathouse/contracts';
import { decodeRows, readWindow } from '@boathouse/engine/results';
import { RecordBatchStreamWriter, tableFromIPC } from 'apache-arrow';
import { expired } from '../results/index.ts';
import { csvText, stringReaders } from './values.ts';

export interface Chunk {
  chunk_index: number;
  row_offset: number;
  row_count: number;
  byte_count: number;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const CHUNK_ROWS = 100_000;

/** Whole batches of a result in groups, cut at `rowLimit` rows; the same manifest always gives the same chunks. */
export function chunksOf(manifest: ResultManifest, rowLimit: number | null): Chunk[] {
  const total = Math.min(manifest.rowCount, rowLimit ?? manifest.rowCount);
  const chunks: Chunk[] = [];
  let open: Chunk | null = null;
  for (const batch of manifest.batches) {
    const rows = Math.min(batch.rows, total - batch.rowOffset);
    if (rows <= 0) break;
    if (!open || open.byte_count + batch.byteLength > CHUNK_BYTES || open.row_count + rows > CHUNK_ROWS) {
      open = { chunk_index: chunks.length, row_offset: batch.rowOffset, row_count: 0, byte_count: 0 };
      chunks.push(open);
    }
    open.row_count += rows;
    open.byte_count += batch.byteLength;
  }
  return chunks;
}

/** The chunk as an Arrow IPC stream of exactly its rows. */
export async function arrowChunk(store: ObjectStore, manifest: ResultManifest, chunk: Chunk): Promise<Uint8Array> {
  const window = await readWindow(store, manifest, chunk.row_offset, chunk.row_count).catch(expired);
  if (window.rows === chunk.row_count) return window.bytes;
  return RecordBatchStreamWriter.writeAll(tableFromIPC(window.bytes).slice(0, chunk.row_count).batches).toUint8Array(
    true,
  );
}

/** The chunk's rows as strings. */
export async function stringChunk(
  store: ObjectStore,
  manifest: ResultManifest,
  chunk: Chunk,
): Promise<(string | null)[][]> {
  const window = await readWindow(store, manifest, chunk.row_offset, chunk.row_count).catch(expired);
  const { rows } = decodeRows(window.bytes, chunk.row_count);
  const readers = stringReaders(manifest.columns);
  return rows.map((row) => row.map((value, index) => readers[index]!(value)));
}

export async function chunkBytes(
  store: ObjectStore,
  manifest: ResultManifest,
  chunk: Chunk,
  format: string,
): Promise<{ type: string; bytes: Uint8Array }> {
  switch (format) {
    case 'ARROW_STREAM':
      return { type: 'application/vnd.apache.arrow.stream', bytes: await arrowChunk(store, manifest, chunk) };
    case 'CSV':
      return {
        type: 'text/csv; charset=utf-8',
        bytes: Buffer.from(csvText(manifest.columns, await stringChunk(store, manifest, chunk))),
      };
    default:
      return {
        type: 'application/json',
        bytes: Buffer.from(JSON.stringify(await stringChunk(store, manifest, chunk))),
      };
  }
}
