import type { TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { reversedBits } from '../scan/deleted.ts';
import { CHUNK_BYTES, countRows, type RowSet } from '../scan/roaring.ts';
import { fileStats } from '../stats/file-stats.ts';

/** Rows of one file that a statement affects. */
export interface Touched {
  /** Index among the files asked of. */
  index: number;
  file: AddFile;
  rows: RowSet;
  /** Rows in `rows`. */
  count: number;
  /** How often a row was named in all: more than `count` where some are named twice. */
  named: number;
}

/** Rows of files asked of at once: their bitmaps come into memory together, one bit a row and a third more as text. */
const ROWS_AT_ONCE = 256 * 1024 * 1024;
const UNKNOWN_ROWS = 1024 * 1024;

const count = z.union([z.bigint(), z.number()]).transform(Number);
const Chunks = z.array(z.object({ f: count, c: count, n: count, b: z.string() }));

/**
 * The rows that a query names, file by file, as bitmaps that the engine builds: rows themselves never come here. `rowsOf`
 * gives, for the files [start, end), a query with columns `f` (index of the file) and `r` (row number).
 */
export async function* touchedRows(
  engine: TableEngine,
  files: readonly AddFile[],
  rowsOf: (start: number, end: number) => Promise<string>,
): AsyncGenerator<Touched> {
  for (const [start, end] of batches(files)) {
    const rows = await engine.rows(
      `SELECT f, r >> 16 AS c, count(*) AS n, base64(CAST(bitstring_agg(CAST(r & 65535 AS INTEGER), 0, 65535) AS BLOB)) AS b
       FROM (${await rowsOf(start, end)}) AS named GROUP BY f, r >> 16 ORDER BY f, c`,
    );
    const chunks = Chunks.parse(rows);
    for (let at = 0; at < chunks.length; ) {
      const index = chunks[at]!.f;
      const bitmaps: RowSet = new Map();
      let named = 0;
      for (; chunks[at]?.f === index; at++) {
        const { c, n, b } = chunks[at]!;
        bitmaps.set(c, reversedBits(Buffer.from(b, 'base64').subarray(0, CHUNK_BYTES)));
        named += n;
      }
      const file = files[index];
      if (file) yield { index, file, rows: bitmaps, count: countRows(bitmaps), named };
    }
  }
}

function* batches(files: readonly AddFile[]): Generator<[start: number, end: number]> {
  let start = 0;
  let rows = 0;
  for (const [index, file] of files.entries()) {
    const own = fileStats(file).numRecords ?? UNKNOWN_ROWS;
    if (index > start && rows + own > ROWS_AT_ONCE) {
      yield [start, index];
      start = index;
      rows = 0;
    }
    rows += own;
  }
  if (start < files.length) yield [start, files.length];
}
