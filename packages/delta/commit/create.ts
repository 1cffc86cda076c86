import { serializeCommit } from '../actions/schemas.ts';
import { type DefinedTable, defineTable } from '../alter/define.ts';
import { deltaErrors } from '../errors.ts';
import type { CommitResult, CreateRequest } from '../types.ts';
import { metricsOf } from './actions.ts';
import { assemble } from './assemble.ts';
import type { Change } from './change.ts';
import { isolationOf } from './conflict.ts';
import { type CommitRoom, committerOf, publish } from './publish.ts';

/** Version 0 of a table. Throws DELTA_TABLE_ALREADY_EXISTS; a repeated call with the same `txnId` succeeds again. */
export async function createTable(
  room: CommitRoom,
  location: string,
  request: CreateRequest,
  exists: boolean,
): Promise<CommitResult> {
  const defined = defineTable(request, {
    id: request.id ?? room.ids(),
    createdTime: room.clock(),
    ids: room.ids,
    hasFiles: (request.files ?? []).length > 0,
  });
  return createDefined(room, location, request, defined, exists);
}

/** The same for a definition that its files were written by. */
export async function createDefined(
  room: CommitRoom,
  location: string,
  request: CreateRequest,
  { metadata, protocol, domains }: DefinedTable,
  exists: boolean,
): Promise<CommitResult> {
  const timestamp = room.clock();
  const adds = request.files ?? [];
  const txnId = request.txnId ?? room.ids();
  const operation = request.operation ?? (adds.length ? 'CREATE TABLE AS SELECT' : 'CREATE TABLE');
  const change: Change = {
    operation,
    operationParameters: {
      isManaged: 'true',
      description: request.comment,
      partitionBy: metadata.partitionColumns,
      clusterBy: request.clusterBy ?? [],
      properties: metadata.configuration,
    },
    operationMetrics: adds.length || request.operationMetrics ? metricsOf(adds, [], request.operationMetrics) : {},
    reads: { kind: 'nothing' },
    adds,
    metadata,
    protocol,
    domains,
    ...(request.txn ? { txn: request.txn } : {}),
  };
  const isolation = isolationOf(change, metadata.configuration);
  // The first version is published as it is; from then on the catalog gives the versions, if it is the table's.
  committerOf(room, location, protocol);
  const actions = assemble({ location, change, base: null, provenance: request, isolation, txnId, timestamp });
  // A log whose first commits were cleaned up has no version 0, and still is a table.
  const outcome = exists ? 'lost' : await publish(room, room.committer, location, 0, serializeCommit(actions), txnId);
  if (outcome === 'lost' && !(exists && (await room.isMine(location, 0, txnId))))
    throw deltaErrors.alreadyExists(location);
  if (outcome === 'won') room.committed({ location, version: 0, base: null, actions, txnId }, metadata.configuration);
  return { version: 0 };
}
