import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore, TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { stringifyLossless } from '../actions/json.ts';
import { lastCheckpointKey, logFolder, versionText } from '../log/names.ts';
import { retentionMs } from '../protocol/properties.ts';
import { literal } from '../schema/engine.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const LINES_A_WRITE = 2000;

const map = 'MAP(VARCHAR, VARCHAR)';
const vector =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';
/** PROTOCOL.md "Checkpoint Schema". Other readers are picky about these types: integers of log and DV have their widths. */
const columns: Record<string, string> = {
  protocol:
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  metaData: `STRUCT(id VARCHAR, "name" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, "options" ${map}), schemaString VARCHAR, partitionColumns VARCHAR[], "configuration" ${map}, createdTime BIGINT)`,
  txn: 'STRUCT(appId VARCHAR, "version" BIGINT, lastUpdated BIGINT)',
  domainMetadata: 'STRUCT("domain" VARCHAR, "configuration" VARCHAR, removed BOOLEAN)',
  add: `STRUCT(path VARCHAR, partitionValues ${map}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, tags ${map}, deletionVector ${vector}, baseRowId BIGINT, defaultRowCommitVersion BIGINT, clusteringProvider VARCHAR, stats VARCHAR)`,
  remove: `STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${map}, size BIGINT, deletionVector ${vector}, baseRowId BIGINT, defaultRowCommitVersion BIGINT)`,
};

/** Whether we write checkpoints of the table: a table that has the V2 feature is left to writers of that format. */
export const mayCheckpoint = (snapshot: ReplayedSnapshot): boolean =>
  !snapshot.protocol.writerFeatures?.includes('v2Checkpoint');

/**
 * PROTOCOL.md "V1 Spec": a classic single-file checkpoint of a snapshot, then the hint to it. Whoever wrote one first wins:
 * all checkpoints of a version say the same.
 */
export async function writeCheckpoint(
  { store, engine, clock }: { store: ObjectStore; engine: TableEngine; clock: () => number },
  snapshot: ReplayedSnapshot,
): Promise<void> {
  const key = `${logFolder(snapshot.location)}${versionText(snapshot.version)}.checkpoint.parquet`;
  if (await store.head(key)) return;
  const stage = await store.stage();
  try {
    const source = join(stage.folder, 'actions.json');
    const parquet = join(stage.folder, 'checkpoint.parquet');
    const actions = await writeLines(source, actionsOf(snapshot, clock()));
    const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
    // An action is one line, and a line may be as long as a schema of thousands of columns.
    await engine.rows(
      `COPY (SELECT * FROM read_json(${literal(source)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = 268435456))
       TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await stage.publish(parquet, key);
    await pointTo(store, snapshot, key, actions);
  } finally {
    await stage.discard();
  }
}

function* actionsOf(snapshot: ReplayedSnapshot, nowMs: number): Iterable<object> {
  const { state, protocol, metadata } = snapshot;
  yield { protocol };
  yield { metaData: metadata };
  for (const txn of state.txns.values()) yield { txn };
  for (const domainMetadata of state.domains.values()) yield { domainMetadata };
  const expired = nowMs - retentionMs(metadata.configuration, 'delta.deletedFileRetentionDuration', WEEK_MS);
  for (const { tags: _, ...remove } of state.tombstones.values()) {
    if ((remove.deletionTimestamp ?? 0) > expired) yield { remove: { ...remove, dataChange: false } };
  }
  for (const add of state.files.values()) yield { add: { ...add, dataChange: false } };
}

/** Newline-delimited JSON, a bounded part of it in memory at a time. Gives the number of lines. */
async function writeLines(path: string, values: Iterable<object>): Promise<number> {
  await using file = await open(path, 'wx');
  let count = 0;
  let lines: string[] = [];
  for (const value of values) {
    count++;
    lines.push(stringifyLossless(value) + '\n');
    if (lines.length < LINES_A_WRITE) continue;
    await file.writeFile(lines.join(''));
    lines = [];
  }
  await file.writeFile(lines.join(''));
  return count;
}

const Pointer = z.object({ version: z.int() });

/** PROTOCOL.md "Last Checkpoint File". Never moved back by a slower writer. */
async function pointTo(store: ObjectStore, snapshot: ReplayedSnapshot, key: string, actions: number): Promise<void> {
  const pointer = lastCheckpointKey(snapshot.location);
  const current = (await store.head(pointer)) ? Buffer.from(await store.get(pointer)).toString() : '';
  if (pointedVersion(current) >= snapshot.version) return;
  const info = await store.head(key);
  const body = {
    version: snapshot.version,
    size: actions,
    sizeInBytes: info?.sizeBytes ?? 0,
    numOfAddFiles: (await snapshot.totals()).numFiles,
  };
  await store.put(pointer, Buffer.from(JSON.stringify(body)));
}

function pointedVersion(text: string): number {
  try {
    return Pointer.parse(JSON.parse(text)).version;
  } catch {
    return -1;
  }
}
