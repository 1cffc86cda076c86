import {
  type Column,
  type EngineText,
  type PlanTable,
  parseType,
  type TableRead,
  typeText,
  userError,
} from '@boathouse/contracts';
import type { Delta, Snapshot } from '@boathouse/delta';
import { SchemaMoved } from './outcome.ts';

export type DeltaTable = Extract<PlanTable, { source: 'delta' }>;

export interface OpenedTables {
  /** A parenthesised relation of engine text for each table of the plan. */
  relations: string[];
  reads: TableRead[];
}

export interface TableOpener {
  delta: Delta;
  /** Relation of a `files` table. */
  files(table: Extract<PlanTable, { source: 'files' }>): Promise<string>;
  /** Writes the relations for another engine; default: text of the embedded one. */
  writer?: RelationWriter;
}

/** Relations of an engine that reads tables by itself, at the versions that we pinned. */
export interface RelationWriter {
  rows(table: DeltaTable, version: number): string;
  /** The change feed of these versions; where `fromVersion` is the greater one, it has no rows. */
  changes(table: DeltaTable, range: { fromVersion: number; toVersion: number }): string;
}

/**
 * Pins a version of every table of a plan, checks its schema against the plan's assumption and keeps only the files that
 * may hold matching rows. One statement sees one version of a table, however often it names it. Throws SchemaMoved.
 */
export async function openTables(opener: TableOpener, tables: readonly PlanTable[]): Promise<OpenedTables> {
  const snapshots = new Map<string, Promise<Snapshot>>();
  const reads = new Map<string, TableRead>();
  const relations: string[] = [];
  for (const table of tables) {
    if (table.source === 'files') {
      relations.push(await opener.files(table));
      continue;
    }
    if (table.stream)
      throw userError(
        'UNSUPPORTED_STREAMING_QUERY',
        `STREAM ${table.fullName} runs only inside a pipeline. Leave STREAM out to read the table once.`,
      );
    if (table.changes) {
      const feed = await openChanges(opener, table, table.changes);
      relations.push(feed.relation);
      reads.set(`${table.tableId}#${JSON.stringify(table.changes)}`, feed.read);
      continue;
    }
    const at =
      table.versionAsOf !== undefined
        ? { version: table.versionAsOf }
        : table.timestampAsOfMs !== undefined
          ? { timestampMs: table.timestampAsOfMs }
          : undefined;
    const pin = `${table.location}@${JSON.stringify(at ?? null)}`;
    const opening = snapshots.get(pin) ?? opener.delta.snapshot(table.location, at);
    snapshots.set(pin, opening);
    const snapshot = await opening;
    if (at) checkTravelled(table, snapshot);
    else checkCurrent(table, snapshot);
    const pruned = await opener.delta.prune(snapshot, table.predicates);
    relations.push(
      opener.writer?.rows(table, snapshot.version) ??
        (await opener.delta.relation(snapshot, pruned.files, table.needed)),
    );
    const read: TableRead = {
      tableId: table.tableId,
      fullName: table.fullName,
      version: snapshot.version,
      filesRead: pruned.files.length,
      filesTotal: pruned.filesTotal,
      bytesRead: pruned.bytes,
    };
    const key = `${table.tableId}@${snapshot.version}`;
    const before = reads.get(key);
    // A table named twice with different filters: the larger count of files is the honest one of the two.
    if (!before || before.filesRead < read.filesRead) reads.set(key, read);
  }
  return { relations, reads: [...reads.values()] };
}

/** Columns that the change feed has beside the table's: `_change_type`, `_commit_version`, `_commit_timestamp`. */
const FEED_COLUMNS = 3;

async function openChanges(
  { delta, writer }: TableOpener,
  table: DeltaTable,
  changes: NonNullable<DeltaTable['changes']>,
): Promise<{ relation: string; read: TableRead }> {
  const latest = await delta.snapshot(table.location);
  checkCurrent(table, latest, table.columns.slice(0, -FEED_COLUMNS));
  const feed = await delta.changes(table.location, { ...changes, needed: table.needed });
  checkTravelled(table, { version: feed.toVersion, columns: feed.columns });
  return {
    relation: writer?.changes(table, feed) ?? feed.relation,
    read: {
      tableId: table.tableId,
      fullName: table.fullName,
      version: Math.max(feed.toVersion, 0),
      filesRead: feed.files,
      filesTotal: feed.files,
      bytesRead: feed.bytes,
    },
  };
}

function checkCurrent(table: DeltaTable, snapshot: Snapshot, planned: readonly Column[] = table.columns): void {
  if (sameColumns(planned, snapshot.columns)) return;
  throw new SchemaMoved({
    tableId: table.tableId,
    fullName: table.fullName,
    version: snapshot.version,
    columns: snapshot.columns,
  });
}

/** An old version may lack what the plan needs: the catalog only knows today's columns. */
function checkTravelled(table: DeltaTable, snapshot: Pick<Snapshot, 'version' | 'columns'>): void {
  for (const name of table.needed) {
    const planned = table.columns.find((column) => column.name === name);
    const then = snapshot.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (then && planned && canonical(then.type) === canonical(planned.type)) continue;
    throw userError(
      'UNSUPPORTED_TIME_TRAVEL_SCHEMA',
      `Version ${snapshot.version} of ${table.fullName} ${then ? `has column ${name} as ${then.type}` : `has no column ${name}`}. Name only columns that have not changed since.`,
    );
  }
}

const canonical = (type: string): string => typeText(parseType(type));

/** Same names, order and types: what a plan depends on. Comments and nullability are the catalog's to follow. */
export function sameColumns(planned: readonly Column[], actual: readonly Column[]): boolean {
  return (
    planned.length === actual.length &&
    planned.every(
      (column, i) =>
        column.name === actual[i]!.name &&
        (column.type === actual[i]!.type || canonical(column.type) === canonical(actual[i]!.type)),
    )
  );
}

/** Puts the relations into the pieces of engine text. */
export function spliceText(pieces: EngineText, relations: readonly string[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : relations[piece.table]!)).join('');
}
