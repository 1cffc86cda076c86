import { BoathouseError } from '@boathouse/contracts';
import { type DefinedTable, defineTable } from '../alter/define.ts';
import { metricsOf, removeOf } from '../commit/actions.ts';
import { createDefined } from '../commit/create.ts';
import { deltaErrors } from '../errors.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { discardFiles, given, writeFiles, writerOf } from './files.ts';
import { commitWritten } from './insert.ts';
import { metadataWith, type TableShape } from './shape.ts';
import type { CreateAsRequest, WriteResult } from './types.ts';

/** CREATE TABLE AS SELECT, and CREATE OR REPLACE: the rows are written in the shape of the table that they make. */
export async function createAs(room: DeltaRoom, location: string, request: CreateAsRequest): Promise<WriteResult> {
  const existing = await tableAt(room, location);
  if (existing && request.mode === 'create' && !(await isMine(room, location, request)))
    throw deltaErrors.alreadyExists(location);
  const previous = request.mode === 'replace' ? existing : null;
  const defined = defineTable(request, {
    id: previous?.metadata.id ?? request.id ?? room.ids(),
    createdTime: previous?.metadata.createdTime ?? room.clock(),
    ids: room.ids,
    hasFiles: false,
    ...(previous
      ? {
          previous: {
            metadata: previous.metadata,
            fields: previous.fields,
            protocol: previous.protocol,
            domain: (name: string) => previous.domain(name),
          },
        }
      : {}),
  });
  const written = await writeFiles(writerOf(room, request.engine), shapeOfDefined(location, defined), request.rows, {
    fill: true,
    ...given(request),
  });
  const metadata = written.fields ? metadataWith(defined.metadata, written.fields) : defined.metadata;
  if (previous) return replace(room, previous, { ...defined, metadata }, written.adds, request);
  try {
    const { version } = await createDefined(
      room,
      location,
      { ...request, files: written.adds },
      { ...defined, metadata },
      existing !== null,
    );
    const metrics = metricsOf(written.adds, [], request.operationMetrics);
    return {
      version,
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number(value)])),
    };
  } catch (error) {
    if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
      await discardFiles(room.reader.store, location, written.adds);
    throw error;
  }
}

const shapeOfDefined = (location: string, { fields, metadata, protocol }: DefinedTable): TableShape => ({
  location,
  fields,
  partitionColumns: metadata.partitionColumns,
  configuration: metadata.configuration,
  protocol,
});

async function replace(
  room: DeltaRoom,
  previous: ReplayedSnapshot,
  { metadata, protocol, domains }: DefinedTable,
  adds: Awaited<ReturnType<typeof writeFiles>>['adds'],
  request: CreateAsRequest,
): Promise<WriteResult> {
  const timestamp = room.clock();
  const removes = (await previous.files()).map((file) => removeOf(file, timestamp));
  return commitWritten(
    room,
    previous,
    {
      operation: request.operation ?? 'CREATE OR REPLACE TABLE AS SELECT',
      operationParameters: {
        isManaged: 'true',
        description: request.comment ?? null,
        partitionBy: JSON.stringify(metadata.partitionColumns),
        clusterBy: JSON.stringify(request.clusterBy ?? []),
        properties: JSON.stringify(metadata.configuration),
      },
      operationMetrics: metricsOf(adds, removes, request.operationMetrics),
      reads: { kind: 'table' },
      adds,
      removes,
      metadata,
      ...(protocol === previous.protocol ? {} : { protocol }),
      domains,
      ...(request.txn ? { txn: request.txn } : {}),
    },
    request,
  );
}

async function tableAt(room: DeltaRoom, location: string): Promise<ReplayedSnapshot | null> {
  try {
    return await room.cache.current(location);
  } catch (error) {
    if (error instanceof BoathouseError && error.code === 'DELTA_TABLE_NOT_FOUND') return null;
    throw error;
  }
}

const isMine = async (room: DeltaRoom, location: string, { txnId }: CreateAsRequest): Promise<boolean> =>
  txnId !== undefined && room.isMine(location, 0, txnId);
