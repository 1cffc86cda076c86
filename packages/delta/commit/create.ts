import { serializeCommit } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { CommitResult, CreateRequest } from '../types.ts';
import { commitInfoOf, definedTable, metricsOf } from './actions.ts';
import { type CommitRoom, publish } from './publish.ts';

/** Version 0 of a table. Throws DELTA_TABLE_ALREADY_EXISTS; a repeated call with the same `txnId` succeeds again. */
export async function createTable(
  room: CommitRoom,
  location: string,
  request: CreateRequest,
  exists: boolean,
): Promise<CommitResult> {
  const timestamp = room.clock();
  const { metadata, protocol } = definedTable(request, { id: request.id ?? room.ids(), createdTime: timestamp });
  const adds = request.files ?? [];
  const txnId = request.txnId ?? room.ids();
  const operation = request.operation ?? (adds.length ? 'CREATE TABLE AS SELECT' : 'CREATE TABLE');
  const actions: Action[] = [
    commitInfoOf({
      operation,
      parameters: {
        isManaged: 'true',
        description: request.comment,
        partitionBy: metadata.partitionColumns,
        properties: metadata.configuration,
        ...request.operationParameters,
      },
      metrics: request.files ? metricsOf(adds, [], request.operationMetrics) : {},
      provenance: request,
      txnId,
      timestamp,
      inCommitTimestamp: null,
      readVersion: null,
      blindAppend: true,
    }),
    { protocol },
    { metaData: metadata },
    ...(request.txn ? [{ txn: { ...request.txn, lastUpdated: timestamp } }] : []),
    ...adds.map((add) => ({ add })),
  ];
  // A log whose first commits were cleaned up has no version 0, and still is a table.
  const outcome = exists ? 'lost' : await publish(room, location, 0, serializeCommit(actions), txnId);
  if (outcome === 'lost' && !(exists && (await room.isMine(location, 0, txnId))))
    throw deltaErrors.alreadyExists(location);
  return { version: 0 };
}
