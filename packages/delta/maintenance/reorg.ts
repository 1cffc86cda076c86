import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { engineUris } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { escapeGlob, literal } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { hasFingerprint, schemaFingerprint } from '../write/tags.ts';
import { byPartition, bySize, pack } from './bins.ts';
import { type Job, runJob } from './job.ts';
import { targetSize } from './optimize.ts';
import { filesWhere, partitionNames } from './partitions.ts';
import type { OptimizeResult, ReorgRequest } from './types.ts';

/** Footers that are looked into in one statement. */
const FOOTERS_AT_ONCE = 500;

/**
 * REORG TABLE … APPLY (PURGE): what was deleted only on paper goes from the files themselves. That are rows under deletion
 * vectors, and columns that the table no longer has.
 */
export async function reorg(room: DeltaRoom, location: string, request: ReorgRequest): Promise<OptimizeResult> {
  const startTimeMs = room.clock();
  const snapshot = await room.cache.current(location);
  const candidates = await filesWhere(request.engine ?? room.reader.engine, snapshot, request);
  const dropped = await withDroppedColumns(room, snapshot, candidates);
  const files = candidates.filter((file) => file.deletionVector || dropped.has(file));
  const targetFileSize = targetSize(snapshot);
  const job: Job = {
    bins: byPartition(files, partitionNames(snapshot)).flatMap((partition) => pack(bySize(partition), targetFileSize)),
    targetFileSize,
    layoutBy: [],
    operation: 'REORG',
    parameters: {
      predicate: request.predicates ?? (request.where ? [request.where] : []),
      applyPurge: 'true',
    },
    considered: candidates.length,
    zOrderStats: null,
    clusteringStats: null,
    startTimeMs,
  };
  return runJob(room, snapshot, job, request);
}

/** Files with a top-level column that is not in the schema. Our own say by their tag that they have none. */
async function withDroppedColumns(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
): Promise<Set<AddFile>> {
  const mode = mappingMode(snapshot.metadata.configuration);
  const stored = snapshot.fields.filter(({ name }) => !snapshot.metadata.partitionColumns.includes(name));
  const fingerprint = schemaFingerprint(stored);
  const known = stored.map((field) => physicalName(field, mode).toLowerCase());
  // Row ids that writers keep in files belong to the table, though not to its schema.
  const materialized = ['RowId', 'RowCommitVersion'].flatMap(
    (name) => snapshot.metadata.configuration[`delta.rowTracking.materialized${name}ColumnName`]?.toLowerCase() ?? [],
  );
  const expected = new Set([...known, ...materialized]);
  const unknown = files.filter((file) => mode !== 'none' || !hasFingerprint(file, fingerprint));
  const found = new Set<AddFile>();
  for (let start = 0; start < unknown.length; start += FOOTERS_AT_ONCE) {
    const some = unknown.slice(start, start + FOOTERS_AT_ONCE);
    const uris = await engineUris(room.reader.store, snapshot.location, some);
    const rows = await room.reader.engine.rows(
      `SELECT file_name, name, num_children FROM parquet_schema([${uris.map((uri) => literal(escapeGlob(uri))).join(', ')}])
       ORDER BY file_name, column_id`,
    );
    const names = topLevelNames(z.array(SchemaRow).parse(rows));
    for (const [index, uri] of uris.entries())
      if (names.get(uri)?.some((name) => !expected.has(name.toLowerCase()))) found.add(some[index]!);
  }
  return found;
}

const SchemaRow = z.object({ file_name: z.string(), name: z.string(), num_children: z.bigint().nullable() });

/** Columns by file: a file's schema is a tree in pre-order, each element with the number of its children. */
function topLevelNames(rows: readonly z.infer<typeof SchemaRow>[]): Map<string, string[]> {
  const columns = new Map<string, string[]>();
  let open: number[] = [];
  for (const { file_name, name, num_children } of rows) {
    const names = columns.get(file_name);
    if (!names) {
      columns.set(file_name, []);
      open = [Number(num_children ?? 0)];
      continue;
    }
    if (open.length === 1) names.push(name);
    open[open.length - 1]!--;
    if (num_children) open.push(Number(num_children));
    while (open.at(-1) === 0) open.pop();
  }
  return columns;
}
