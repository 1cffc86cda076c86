import { type TableAlteration, unreachable } from '@boathouse/contracts';
import { commitChange } from '../commit/commit.ts';
import type { DeltaRoom } from '../room.ts';
import { joinPath } from '../schema/path.ts';
import { CLUSTERING, clusteringColumns, clusteringDomain } from './clustering.ts';
import { alterColumn } from './column.ts';
import { addColumns, dropColumns, renameColumn, replaceColumns } from './columns.ts';
import { configured } from './configure.ts';
import { addConstraint, dropConstraint } from './constraints.ts';
import { alterErrors } from './errors.ts';
import { dropFeature } from './features.ts';
import { syncIdentity } from './identity.ts';
import { setComment, setProperties, unsetProperties } from './properties.ts';
import type { Alter, Alteration, AlterRoom } from './room.ts';
import type { AlterOperations, AlterRequest } from './types.ts';

const clusterBy: Alter<'clusterBy'> = async ({ table, snapshot }, { columns }) => {
  const { metadata, fields } = table;
  if (metadata.partitionColumns.length) throw alterErrors.clusteredByPartition();
  const names = columns.map(joinPath);
  return {
    operation: 'CLUSTER BY',
    parameters: {
      oldClusteringColumns: clusteringColumns(snapshot.domain(CLUSTERING), fields, metadata.configuration).join(','),
      newClusteringColumns: names.join(','),
    },
    domains: [clusteringDomain(names, fields, metadata.configuration)],
    features: ['clustering'],
  };
};

/** Works out one kind of alteration; a missing kind is a compile error. */
function worked(
  context: AlterRoom,
  change: Exclude<TableAlteration, { kind: 'dropFeature' }>,
): Promise<Alteration | null> {
  switch (change.kind) {
    case 'setProperties':
      return setProperties(context, change);
    case 'unsetProperties':
      return unsetProperties(context, change);
    case 'addColumns':
      return addColumns(context, change);
    case 'replaceColumns':
      return replaceColumns(context, change);
    case 'dropColumns':
      return dropColumns(context, change);
    case 'renameColumn':
      return renameColumn(context, change);
    case 'alterColumn':
      return alterColumn(context, change);
    case 'syncIdentity':
      return syncIdentity(context, change);
    case 'addConstraint':
      return addConstraint(context, change);
    case 'dropConstraint':
      return dropConstraint(context, change);
    case 'clusterBy':
      return clusterBy(context, change);
    case 'setComment':
      return setComment(context, change);
    default:
      return unreachable(change);
  }
}

export const createAlterOperations = (room: DeltaRoom): AlterOperations => ({
  async alter(location, change, request = {}) {
    if (change.kind === 'dropFeature') return dropFeature(room, location, change, request);
    const context = await opened(room, location, request);
    const alteration = await worked(context, change);
    return alteration ? committed(context, alteration, request) : { version: null };
  },
});

async function opened(room: DeltaRoom, location: string, request: AlterRequest): Promise<AlterRoom> {
  const snapshot = await room.cache.current(location);
  const { metadata, fields, protocol } = snapshot;
  return { room, snapshot, table: { metadata, fields, protocol }, engine: request.engine ?? room.reader.engine };
}

/** Brings the table into the form that its new definition asks for, and commits it. */
export async function committed(
  { room, snapshot, table }: AlterRoom,
  alteration: Alteration,
  request: AlterRequest,
): Promise<{ version: number }> {
  const state = configured(alteration.metadata ?? table.metadata, alteration.fields ?? table.fields, {
    request: alteration.asked ?? { features: [], minReaderVersion: null, minWriterVersion: null },
    features: alteration.features ?? [],
    previous: table,
    hasFiles: false,
    ids: room.ids,
  });
  const isSame = JSON.stringify(state.metadata) === JSON.stringify(table.metadata);
  const { version } = await commitChange(
    room,
    snapshot,
    {
      operation: alteration.operation,
      operationParameters: alteration.parameters,
      operationMetrics: {},
      // A definition follows from the definition: appends of others do not disturb it, unless rows were looked at.
      reads: { kind: alteration.readsRows || alteration.adds ? 'table' : 'nothing' },
      ...(isSame && !alteration.metadata && !alteration.fields ? {} : { metadata: state.metadata }),
      ...(state.protocol === table.protocol ? {} : { protocol: state.protocol }),
      ...(alteration.domains ? { domains: alteration.domains } : {}),
      // Not as a commit that moves rows only: rows that others add meanwhile would stay without their part of the change.
      ...(alteration.adds ? { adds: alteration.adds } : {}),
    },
    request,
  );
  return { version };
}
