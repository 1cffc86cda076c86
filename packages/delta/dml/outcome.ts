import { z } from 'zod';
import { parseLossless, stringifyLossless } from '../actions/json.ts';
import type { AddFile } from '../actions/types.ts';
import { engineUris } from '../log/paths.ts';
import { deletedRows } from '../scan/deletion-vector.ts';
import { addRows } from '../scan/roaring.ts';
import { escapeGlob, literal } from '../schema/engine.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { Touched } from './touched.ts';
import type { Work } from './work.ts';

/** Files of which a statement affects some or all rows, and how many there are of each. */
export interface TouchedFile {
  index: number;
  file: AddFile;
  /** Affected rows. */
  count: number;
  /** Live rows of the file. */
  live: number;
}

export const isWhole = ({ count, live }: TouchedFile): boolean => count === live;

/** Rows of files, deleted ones too; where statistics do not say, their footers do. */
export async function rowCounts(work: Work, files: readonly AddFile[]): Promise<Map<AddFile, number>> {
  const counts = new Map<AddFile, number>();
  const unknown: AddFile[] = [];
  for (const file of files) {
    const { numRecords } = fileStats(file);
    if (numRecords !== null) counts.set(file, numRecords);
    else unknown.push(file);
  }
  if (!unknown.length) return counts;
  const uris = await engineUris(work.room.reader.store, work.read.location, unknown);
  const rows = await work.engine.rows(
    `SELECT file_name AS name, num_rows AS n FROM parquet_file_metadata([${uris.map((uri) => literal(escapeGlob(uri))).join(', ')}])`,
  );
  const byUri = new Map(Footers.parse(rows).map(({ name, n }) => [name, n]));
  for (const [index, file] of unknown.entries()) counts.set(file, byUri.get(uris[index] ?? '') ?? 0);
  return counts;
}

const Footers = z.array(z.object({ name: z.string(), n: z.union([z.bigint(), z.number()]).transform(Number) }));

export const liveCount = (file: AddFile, counts: ReadonlyMap<AddFile, number>): number =>
  (counts.get(file) ?? 0) - (file.deletionVector?.cardinality ?? 0);

export interface VectorMetrics {
  numDeletionVectorsAdded: number;
  numDeletionVectorsUpdated: number;
  numDeletionVectorsRemoved: number;
}

/** Takes rows out of their files by deletion vectors; files without any row left go. Gives what was touched. */
export async function markDeleted(
  work: Work,
  touched: AsyncIterable<Touched>,
  metrics: VectorMetrics,
): Promise<TouchedFile[]> {
  const found: TouchedFile[] = [];
  for await (const { index, file, rows, count } of touched) {
    const counts = await rowCounts(work, [file]);
    const one = { index, file, count, live: liveCount(file, counts) };
    found.push(one);
    if (isWhole(one)) {
      work.remove(file);
      if (file.deletionVector) metrics.numDeletionVectorsRemoved++;
      continue;
    }
    if (file.deletionVector) {
      addRows(rows, await deletedRows(work.room.reader.store, work.read.location, file.deletionVector));
      metrics.numDeletionVectorsUpdated++;
    } else metrics.numDeletionVectorsAdded++;
    const stats = wideStats(file, counts.get(file) ?? 0);
    work.replace(file, { ...file, deletionVector: work.vectors.add(rows), stats });
  }
  return found;
}

/** PROTOCOL.md "Per-file Statistics": under a deletion vector bounds hold, but need not be reached. */
function wideStats(file: AddFile, numRecords: number): string {
  const parsed = z.record(z.string(), z.unknown()).safeParse(file.stats ? parseLossless(file.stats) : {});
  return stringifyLossless({ numRecords, ...(parsed.success ? parsed.data : {}), tightBounds: false });
}
