import { invariant } from '@boathouse/contracts';
import { defineTable } from '../alter/define.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { CommitRequest, CommitResult } from '../types.ts';
import { metricsOf, removeOf } from './actions.ts';
import type { Change, Reads } from './change.ts';
import { commitChange } from './commit.ts';
import type { CommitRoom } from './publish.ts';

/** An append, overwrite or replacement of the whole table by files that were written before. Errors: `commitChange`. */
export async function commitTo(room: CommitRoom, location: string, request: CommitRequest): Promise<CommitResult> {
  const latest = await room.cache.current(location);
  const read =
    request.readVersion === undefined || request.readVersion >= latest.version
      ? latest
      : await room.cache.atVersion(location, request.readVersion);
  return commitChange(room, read, await changeOf(room, read, request), request);
}

async function changeOf(room: CommitRoom, read: ReplayedSnapshot, request: CommitRequest): Promise<Change> {
  const isAppend = request.mode === 'append';
  const removes = isAppend ? [] : (await read.files()).map((file) => removeOf(file, room.clock()));
  const reads: Reads = isAppend && (request.blindAppend ?? true) ? { kind: 'nothing' } : { kind: 'table' };
  // A replaced table is described as a created one is.
  const parameters = isAppend ? { mode: 'Append' } : request.mode === 'replace' ? {} : { mode: 'Overwrite' };
  return {
    operation: request.operation,
    operationParameters: parameters,
    operationMetrics: metricsOf(request.adds, removes, request.operationMetrics),
    reads,
    adds: request.adds,
    removes,
    ...definition(room, read, request),
    ...(request.txn ? { txn: request.txn } : {}),
  };
}

function definition(
  room: CommitRoom,
  read: ReplayedSnapshot,
  request: CommitRequest,
): Pick<Change, 'metadata' | 'protocol' | 'domains'> {
  if (request.mode !== 'replace') return {};
  invariant(request.definition, 'a replace has a definition');
  const { metadata, protocol, domains } = defineTable(request.definition, {
    id: read.metadata.id,
    createdTime: read.metadata.createdTime ?? room.clock(),
    ids: room.ids,
    hasFiles: request.adds.length > 0,
    previous: {
      metadata: read.metadata,
      fields: read.fields,
      protocol: read.protocol,
      domain: (name) => read.domain(name),
    },
  });
  return { metadata, domains, ...(protocol === read.protocol ? {} : { protocol }) };
}
