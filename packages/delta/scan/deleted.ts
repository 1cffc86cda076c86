import type { ObjectStore } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { deletionVectorId } from '../log/identity.ts';
import { literal } from '../schema/engine.ts';
import { deletedRows } from './deletion-vector.ts';
import { CHUNK_ROWS, rangesOf } from './roaring.ts';
import type { VectorFiles } from './vector-files.ts';

/** How a scan called `scan` leaves deleted rows out: what follows it in FROM, and a condition. */
export interface Deleted {
  join: string;
  condition: string;
}

/** Up to here deleted rows stand in the text of the query, which reads the vectors of so many files again each time. */
const INLINE_ROWS = 2000;
const INLINE_READS = 16;

/**
 * Deleted rows of files (all of which have a vector), by file index and row number: few as a list of ranges, many as bitmaps
 * in a file, of which each row of the scan asks its own bit.
 */
export async function deletedOf(
  { store, vectors }: { store: ObjectStore; vectors: VectorFiles },
  location: string,
  files: readonly AddFile[],
): Promise<Deleted> {
  const total = files.reduce((sum, file) => sum + (file.deletionVector?.cardinality ?? 0), 0);
  const reads = files.filter((file) => file.deletionVector?.storageType !== 'i').length;
  return total <= INLINE_ROWS && reads <= INLINE_READS
    ? inList(store, location, files)
    : inFile(store, vectors, location, files);
}

async function inList(store: ObjectStore, location: string, files: readonly AddFile[]): Promise<Deleted> {
  const lists = await Promise.all(
    files.map(async (file, index) => {
      const rows = file.deletionVector ? await deletedRows(store, location, file.deletionVector) : new Map();
      return [...rows].flatMap(([chunk, bitmap]) =>
        [...rangesOf(bitmap)].map(
          ([start, end]) => `(${index}, ${chunk * CHUNK_ROWS + start}, ${chunk * CHUNK_ROWS + end})`,
        ),
      );
    }),
  );
  const values = lists.flat();
  if (!values.length) return { join: '', condition: '' };
  const gone = `(SELECT f::UBIGINT AS f, unnest(range(s::BIGINT, e::BIGINT)) AS r FROM (VALUES ${values.join(', ')}) AS ranges(f, s, e))`;
  return {
    join: '',
    condition: `NOT EXISTS (SELECT 1 FROM ${gone} AS gone WHERE gone.f = scan.file_index AND gone.r = scan.file_row_number)`,
  };
}

async function inFile(
  store: ObjectStore,
  vectors: VectorFiles,
  location: string,
  files: readonly AddFile[],
): Promise<Deleted> {
  const name = JSON.stringify([
    location,
    files.map((file) => file.deletionVector && deletionVectorId(file.deletionVector)),
  ]);
  const path = await vectors.file(name, async function* () {
    for (const [index, file] of files.entries()) {
      if (!file.deletionVector) continue;
      const rows = await deletedRows(store, location, file.deletionVector);
      for (const [chunk, bitmap] of rows) yield `${index},${chunk},${reversedBits(bitmap).toString('base64')}\n`;
    }
  });
  const columns = "{'f': 'BIGINT', 'c': 'BIGINT', 'b': 'VARCHAR'}";
  const read = `read_csv(${literal(path)}, auto_detect = false, header = false, delim = ',', quote = '', escape = '', columns = ${columns})`;
  return {
    // The engine numbers bits from the highest of a byte on, and asks a bit by an INTEGER.
    join: ` LEFT JOIN (SELECT f::UBIGINT AS f, c, from_base64(b)::BIT AS b FROM ${read}) AS gone ON gone.f = scan.file_index AND gone.c = scan.file_row_number >> 16`,
    condition: 'coalesce(get_bit(gone.b, (scan.file_row_number & 65535)::INTEGER), 0) = 0',
  };
}

const reversed = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
);

/** Bitmaps between our order of bits and the engine's. */
export function reversedBits(bitmap: Uint8Array): Buffer {
  const bytes = Buffer.alloc(bitmap.length);
  for (let at = 0; at < bitmap.length; at++) bytes[at] = reversed[bitmap[at]!]!;
  return bytes;
}
