import { fileStats, liveRows } from '@boathouse/delta';
import { type Parsed, wholeNumber } from '../arguments.ts';
import { snapshotOf } from './at.ts';
import type { OpenTable } from './open.ts';
import type { Print } from './output.ts';
import { showList, showOne } from './show.ts';

const HISTORY_SHOWN = 100;
const iso = (ms: number): string => new Date(ms).toISOString();

/** `files`: live data files of a version, with rows, partition values and what their deletion vectors delete. */
export async function files(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const snapshot = await snapshotOf(table, parsed.options);
  const records = (await snapshot.files()).map((file) => ({
    path: file.path,
    bytes: file.size,
    rows: liveRows(file),
    deletedRows: file.deletionVector?.cardinality ?? 0,
    partition: snapshot.metadata.partitionColumns.length ? file.partitionValues : null,
    modified: iso(file.modificationTime),
    hasStatistics: fileStats(file).numRecords !== null,
  }));
  showList(records, ['path', 'bytes', 'rows', 'deletedRows', 'partition', 'modified', 'hasStatistics'], parsed, print);
}

/** `history`: who did what, newest first. */
export async function history(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const entries = await table.delta.history(
    table.location,
    wholeNumber(parsed.options.limit, 'limit') ?? HISTORY_SHOWN,
  );
  const records = entries.map((entry) => ({
    version: entry.version,
    timestamp: iso(entry.timestampMs),
    operation: entry.operation,
    operationParameters: entry.operationParameters,
    operationMetrics: entry.operationMetrics,
    userName: entry.userName,
    engineInfo: entry.engineInfo,
  }));
  showList(
    records,
    ['version', 'timestamp', 'operation', 'operationParameters', 'operationMetrics', 'userName', 'engineInfo'],
    parsed,
    print,
  );
}

/** `detail`: what DESCRIBE DETAIL tells. */
export async function detail(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const found = await table.delta.detail(table.location, { maxFiles: 0 });
  const { metadata } = await table.delta.snapshot(table.location);
  const record = {
    format: 'delta',
    id: metadata.id,
    name: metadata.name ?? null,
    description: metadata.description ?? null,
    location: table.path,
    version: found.version,
    createdAt: found.createdAtMs === null ? null : iso(found.createdAtMs),
    lastModified: found.lastModifiedMs === null ? null : iso(found.lastModifiedMs),
    partitionColumns: found.partitionColumns,
    clusteringColumns: found.clusteringColumns ?? [],
    numFiles: found.fileCount,
    sizeInBytes: found.sizeBytes,
    numRows: found.rowCount,
    properties: found.properties,
    minReaderVersion: found.minReaderVersion,
    minWriterVersion: found.minWriterVersion,
    tableFeatures: found.features,
  };
  showOne(record, parsed, print);
}

/** `schema`: the columns of a version. */
export async function schema(table: OpenTable, parsed: Parsed, print: Print): Promise<void> {
  const snapshot = await snapshotOf(table, parsed.options);
  const records = snapshot.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    partition: snapshot.metadata.partitionColumns.includes(column.name),
    comment: column.comment ?? null,
  }));
  showList(records, ['name', 'type', 'nullable', 'partition', 'comment'], parsed, print);
}
