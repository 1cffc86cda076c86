import { type Column, parseType } from '@boathouse/contracts';
import type { Metadata, Protocol } from '../actions/types.ts';
import type { DeltaRoom } from '../room.ts';
import { columnsOf } from '../schema/columns.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { Snapshot } from '../types.ts';
import { shapeOf, shapeWith, type TableShape } from '../write/shape.ts';
import { retyped } from './column.ts';
import { newField } from './columns.ts';
import { configured, type TableState } from './configure.ts';
import { fieldAt, hasField, inserted, replaced } from './tree.ts';

/** What rows ask of the schema that they are written into. */
export interface Evolution {
  addColumns?: readonly Column[];
  changeTypes?: readonly { column: string; type: string }[];
}

/** The table as it will be, and what of its metadata and protocol that changes. */
export function evolved(
  room: Pick<DeltaRoom, 'ids'>,
  read: ReplayedSnapshot,
  { addColumns = [], changeTypes = [] }: Evolution,
): { shape: TableShape; snapshot: Snapshot; metadata?: Metadata; protocol?: Protocol } {
  const table: TableState = { metadata: read.metadata, fields: read.fields, protocol: read.protocol };
  let fields = [...read.fields];
  for (const column of addColumns)
    if (!hasField(fields, column.name)) fields = inserted(fields, newField({ ...column, nullable: true }), undefined);
  for (const { column, type } of changeTypes) {
    const { field, path } = fieldAt(fields, [column]);
    fields = replaced(fields, path, () => retyped(table, field, [], parseType(type), column));
  }
  const shape = shapeOf(read);
  if (JSON.stringify(fields) === JSON.stringify(read.fields)) return { shape, snapshot: read };
  const state = configured(read.metadata, fields, {
    request: { features: [], minReaderVersion: null, minWriterVersion: null },
    previous: table,
    hasFiles: false,
    ids: room.ids,
  });
  return {
    shape: shapeWith(shape, state),
    snapshot: snapshotWith(read, state),
    metadata: state.metadata,
    ...(state.protocol === read.protocol ? {} : { protocol: state.protocol }),
  };
}

/** The version with another schema: for scans of files that are written under it. */
function snapshotWith(read: ReplayedSnapshot, { metadata, fields, protocol }: TableState): Snapshot {
  return {
    location: read.location,
    version: read.version,
    timestampMs: read.timestampMs,
    metadata,
    protocol,
    columns: columnsOf(fields),
    fields,
    files: () => read.files(),
    totals: () => read.totals(),
    txnVersion: (appId) => read.txnVersion(appId),
    domain: (name) => read.domain(name),
  };
}
