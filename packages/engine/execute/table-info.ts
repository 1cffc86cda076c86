import {
  type Column,
  type PlanBody,
  systemError,
  type TableDetail,
  type TableHistoryEntry,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';

type TableInfo = Extract<PlanBody, { kind: 'tableInfo' }>;

const HISTORY_LIMIT = 1000;
const isoText = (ms: number): string => new Date(ms).toISOString();
const pairs = (values: Record<string, string | null>): unknown[] => Object.entries(values);

/** Columns of DESCRIBE HISTORY by Spark's names; what the log of this product does not keep is NULL. */
const historyValue: Record<string, (entry: TableHistoryEntry) => unknown> = {
  version: (entry) => String(entry.version),
  timestamp: (entry) => isoText(entry.timestampMs),
  userId: (entry) => entry.userId ?? null,
  userName: (entry) => entry.userName,
  operation: (entry) => entry.operation,
  operationParameters: (entry) => pairs(entry.operationParameters),
  job: () => null,
  notebook: () => null,
  clusterId: (entry) => entry.clusterId ?? null,
  readVersion: (entry) => (typeof entry.readVersion === 'number' ? String(entry.readVersion) : null),
  isolationLevel: (entry) => entry.isolationLevel ?? null,
  isBlindAppend: (entry) => entry.isBlindAppend,
  operationMetrics: (entry) => pairs(entry.operationMetrics),
  userMetadata: (entry) => entry.userMetadata ?? null,
  engineInfo: (entry) => entry.engineInfo,
};

/** Columns of DESCRIBE DETAIL by Spark's names. */
const detailValue: Record<string, (detail: TableDetail, info: TableInfo) => unknown> = {
  format: () => 'delta',
  id: (_detail, info) => info.table.tableId,
  name: (_detail, info) => info.table.fullName,
  description: (_detail, info) => info.description ?? null,
  location: (_detail, info) => info.table.location,
  createdAt: (detail) => (detail.createdAtMs === null ? null : isoText(detail.createdAtMs)),
  lastModified: (detail) => (detail.lastModifiedMs === null ? null : isoText(detail.lastModifiedMs)),
  partitionColumns: (detail) => detail.partitionColumns,
  clusteringColumns: (detail) => detail.clusteringColumns ?? [],
  numFiles: (detail) => String(detail.fileCount),
  sizeInBytes: (detail) => String(detail.sizeBytes),
  properties: (detail) => pairs(detail.properties),
  minReaderVersion: (detail) => detail.minReaderVersion,
  minWriterVersion: (detail) => detail.minWriterVersion,
  tableFeatures: (detail) => detail.features,
};

function pick<T>(column: Column, values: Record<string, T>): T {
  const value = values[column.name];
  if (!value)
    throw systemError(
      'PLAN_COLUMN_UNKNOWN',
      `The plan asks a table for "${column.name}", which this compute does not know. Restart compute so that its version matches the server's.`,
    );
  return value;
}

/** Rows of DESCRIBE HISTORY as wire values, newest first. */
export async function historyRows(delta: Delta, info: TableInfo): Promise<unknown[][]> {
  const readers = info.columns.map((column) => pick(column, historyValue));
  const entries = await delta.history(info.table.location, Math.min(info.limit ?? HISTORY_LIMIT, HISTORY_LIMIT));
  return entries.map((entry) => readers.map((read) => read(entry)));
}

/** The one row of DESCRIBE DETAIL. */
export async function detailRows(delta: Delta, info: TableInfo): Promise<unknown[][]> {
  const readers = info.columns.map((column) => pick(column, detailValue));
  const detail = await delta.detail(info.table.location);
  return [readers.map((read) => read(detail, info))];
}
