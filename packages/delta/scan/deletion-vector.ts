import { crc32 } from 'node:zlib';
import type { ObjectStore } from '@boathouse/contracts';
import type { DeletionVectorDescriptor } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { fileKey, type TableStore } from '../log/paths.ts';
import { countRows, decodeRows, type RowSet } from './roaring.ts';
import { decodeZ85 } from './z85.ts';

/** PROTOCOL.md "Deletion Vectors": rows of a file that are deleted. Throws DELTA_LOG_CORRUPT where the vector is broken. */
export async function deletedRows(
  store: ObjectStore,
  location: string,
  vector: DeletionVectorDescriptor,
): Promise<RowSet> {
  const { where, data } = vector.storageType === 'i' ? inline(vector, location) : await stored(store, location, vector);
  let deleted: RowSet;
  try {
    deleted = decodeRows(data);
  } catch (error) {
    throw deltaErrors.corrupt(
      where,
      `its deletion vector cannot be read (${error instanceof Error ? error.message : 'unknown error'})`,
    );
  }
  const rows = countRows(deleted);
  if (rows !== vector.cardinality)
    throw deltaErrors.corrupt(where, `its deletion vector holds ${rows} rows and not ${vector.cardinality}`);
  return deleted;
}

function inline(vector: DeletionVectorDescriptor, location: string): { where: string; data: Buffer } {
  const bytes = decodeZ85(vector.pathOrInlineDv);
  if (!bytes) throw deltaErrors.corrupt(`${location}/_delta_log`, 'an inline deletion vector is not Z85 text');
  return { where: `${location}/_delta_log`, data: bytes.subarray(0, vector.sizeInBytes) };
}

async function stored(
  store: ObjectStore,
  location: string,
  vector: DeletionVectorDescriptor,
): Promise<{ where: string; data: Buffer }> {
  const key = vectorKey(store, location, vector);
  const offset = vector.offset ?? 1;
  const bytes = Buffer.from(await store.getRange(key, offset, vector.sizeInBytes + 8));
  if (bytes.length < vector.sizeInBytes + 8) throw deltaErrors.corrupt(key, 'it ends within a deletion vector');
  if (bytes.readInt32BE(0) !== vector.sizeInBytes)
    throw deltaErrors.corrupt(key, 'the size of a deletion vector is not what the log says');
  const data = bytes.subarray(4, 4 + vector.sizeInBytes);
  if (crc32(data) !== bytes.readUInt32BE(4 + vector.sizeInBytes))
    throw deltaErrors.corrupt(key, 'the checksum of a deletion vector is wrong');
  return { where: key, data };
}

/** Storage key of the file that a vector lies in; not for inline ones. Throws DELTA_UNSUPPORTED_FILE_PATH. */
export const vectorKey = (
  store: TableStore,
  location: string,
  { storageType, pathOrInlineDv }: DeletionVectorDescriptor,
): string =>
  storageType === 'p'
    ? fileKey(location, pathOrInlineDv, store.uri(location), store)
    : relativeKey(location, pathOrInlineDv);

/** A random prefix of any length, then twenty signs of Z85: the UUID of the file's name. */
function relativeKey(location: string, text: string): string {
  const hex = decodeZ85(text.slice(-20))?.toString('hex');
  if (hex?.length !== 32)
    throw deltaErrors.corrupt(`${location}/_delta_log`, `"${text}" does not name a deletion vector`);
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const prefix = text.slice(0, -20);
  return `${location}/${prefix ? prefix + '/' : ''}deletion_vector_${uuid}.bin`;
}
