import type { Action, AddFile, CommitInfo, RemoveFile } from '../actions/types.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { CommitProvenance } from '../types.ts';
import type { Isolation } from './conflict.ts';

/** Pure: requests → actions of a commit. */

export const ENGINE_INFO = 'Boathouse/0.1.0';

export const removeOf = (file: AddFile, deletionTimestamp: number): RemoveFile => ({
  path: file.path,
  deletionTimestamp,
  dataChange: true,
  extendedFileMetadata: true,
  partitionValues: file.partitionValues,
  size: file.size,
  ...(file.tags ? { tags: file.tags } : {}),
  ...(file.deletionVector ? { deletionVector: file.deletionVector } : {}),
  ...(file.baseRowId === undefined ? {} : { baseRowId: file.baseRowId }),
  ...(file.defaultRowCommitVersion === undefined ? {} : { defaultRowCommitVersion: file.defaultRowCommitVersion }),
});

/** Spark's metric names, as texts. What the caller says wins. */
export function metricsOf(
  adds: readonly AddFile[],
  removes: readonly RemoveFile[],
  given: CommitProvenance['operationMetrics'],
): Record<string, string> {
  const metrics: Record<string, string> = {
    numFiles: String(adds.length),
    numOutputRows: String(adds.reduce((sum, file) => sum + (fileStats(file).numRecords ?? 0), 0)),
    numOutputBytes: String(adds.reduce((sum, file) => sum + file.size, 0)),
  };
  if (removes.length) {
    metrics.numRemovedFiles = String(removes.length);
    metrics.numRemovedBytes = String(removes.reduce((sum, file) => sum + (file.size ?? 0), 0));
  }
  for (const [name, value] of Object.entries(given ?? {})) metrics[name] = String(value);
  return metrics;
}

/** Spark writes parameters as texts: JSON of what is not one. */
export const parametersOf = (parameters: Record<string, unknown>): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value === null || typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );

export interface CommitContext {
  operation: string;
  parameters: Record<string, unknown>;
  metrics: Record<string, string>;
  provenance: Partial<CommitProvenance>;
  txnId: string;
  timestamp: number;
  inCommitTimestamp: number | null;
  readVersion: number | null;
  blindAppend: boolean;
  isolation: Isolation;
}

/** Always the first action, where in-commit timestamps must be found. */
export function commitInfoOf(context: CommitContext): Action {
  const { provenance } = context;
  const info: CommitInfo = {
    ...(context.inCommitTimestamp === null ? {} : { inCommitTimestamp: context.inCommitTimestamp }),
    timestamp: context.timestamp,
    ...(provenance.userId === undefined ? {} : { userId: provenance.userId }),
    ...(provenance.userName === undefined ? {} : { userName: provenance.userName }),
    operation: context.operation,
    operationParameters: parametersOf(context.parameters),
    ...(context.readVersion === null ? {} : { readVersion: context.readVersion }),
    isolationLevel: context.isolation,
    isBlindAppend: context.blindAppend,
    operationMetrics: context.metrics,
    engineInfo: ENGINE_INFO,
    txnId: context.txnId,
    ...(provenance.runId === undefined ? {} : { runId: provenance.runId }),
  };
  return { commitInfo: info };
}
