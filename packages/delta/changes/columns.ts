import type { Column } from '@boathouse/contracts';
import type { DeltaField } from '../schema/types.ts';
import type { Snapshot } from '../types.ts';

/** Columns that the feed adds to those of the table, in Spark's order. */
export const CHANGE_TYPE = '_change_type';
export const COMMIT_VERSION = '_commit_version';
export const COMMIT_TIMESTAMP = '_commit_timestamp';

const added = (name: string, kind: 'string' | 'bigint' | 'timestamp'): DeltaField => ({
  name,
  type: { kind: 'leaf', type: { kind } },
  nullable: true,
  metadata: {},
});
const changeType = added(CHANGE_TYPE, 'string');
const ofCommit = [added(COMMIT_VERSION, 'bigint'), added(COMMIT_TIMESTAMP, 'timestamp')];
const addedColumns: Column[] = [changeType, ...ofCommit].map(({ name, type }) => ({
  name,
  type: type.kind === 'leaf' ? type.type.kind : 'string',
  nullable: true,
}));

export const feedColumns = (snapshot: Snapshot): Column[] => [...snapshot.columns, ...addedColumns];

/**
 * The table as the feed sees it. What is the same for all rows of a file is a partition column here: version, time and, but
 * in change files (which hold it), the type of change. So one scan reads the files of all versions.
 */
export function feedTable(snapshot: Snapshot, changeTypeIsStored: boolean): Snapshot {
  const constant = [...(changeTypeIsStored ? [] : [CHANGE_TYPE]), COMMIT_VERSION, COMMIT_TIMESTAMP];
  return {
    location: snapshot.location,
    version: snapshot.version,
    timestampMs: snapshot.timestampMs,
    protocol: snapshot.protocol,
    metadata: {
      ...snapshot.metadata,
      partitionColumns: [...snapshot.metadata.partitionColumns, ...constant],
    },
    columns: feedColumns(snapshot),
    fields: [...snapshot.fields, changeType, ...ofCommit],
    files: () => snapshot.files(),
    totals: () => snapshot.totals(),
    txnVersion: (appId) => snapshot.txnVersion(appId),
    domain: (name) => snapshot.domain(name),
  };
}
