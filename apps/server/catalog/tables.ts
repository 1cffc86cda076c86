import { randomUUID } from 'node:crypto';
import { checkColumnNames, checkName, fullNameOf, leaseMs, nameKey, tableLocation } from '@boathouse/catalog';
import { type Column, type TableKind, type TableRead, type TableWrite, userError } from '@boathouse/contracts';
import { enqueue } from '../events/index.ts';
import { isUniqueViolation, type Queryable } from './db.ts';
import { recordEdge } from './lineage.ts';
import { noSecurable } from './reader.ts';
import { PendingReplace } from './records.ts';
import type { Removals } from './removals.ts';

export interface TableDefinition {
  workspaceId: string;
  catalog: string;
  schema: string;
  name: string;
  kind: Exclude<TableKind, 'VIEW'>;
  columns: Column[];
  partitionColumns: string[];
  properties: Record<string, string>;
  comment?: string;
  ifNotExists: boolean;
  orReplace: boolean;
  ownerId: string;
  runId: string;
  pipelineId?: string;
}

export type Reservation =
  | { outcome: 'reserved' | 'replace'; tableId: string; location: string; fullName: string }
  /** IF NOT EXISTS, and it does. */
  | { outcome: 'exists'; fullName: string }
  /** Somebody's unfinished creation holds the name: settle that first, then try again. */
  | { outcome: 'held'; tableId: string; fullName: string };

interface Existing {
  id: string;
  kind: string;
  state: string;
  leaseRunId: string | null;
  location: string | null;
  name: string;
}

/** Takes the name of a new table under a lease. The caller has checked privileges. */
export async function reserveTable(tx: Queryable, definition: TableDefinition): Promise<Reservation> {
  checkName('table', definition.name);
  checkColumnNames(
    definition.columns.map((it) => it.name),
    definition.properties,
  );
  const { rows: schemas } = await tx.query<{ id: string; name: string; catalog: string }>(
    `SELECT s.id, s.name, c.name AS catalog FROM schema s JOIN catalog c ON c.id = s."catalogId"
      WHERE c."workspaceId" = $1 AND c."nameKey" = $2 AND s."nameKey" = $3 FOR SHARE OF s`,
    [definition.workspaceId, nameKey(definition.catalog), nameKey(definition.schema)],
  );
  const schema = schemas[0];
  if (!schema) throw noSecurable('schema', fullNameOf(definition.catalog, definition.schema));
  const { rows } = await tx.query<Existing & { [name: string]: unknown }>(
    `SELECT id, kind, state, "leaseRunId", location, name FROM "table" WHERE "schemaId" = $1 AND "nameKey" = $2 FOR UPDATE`,
    [schema.id, nameKey(definition.name)],
  );
  const existing = rows[0];
  if (existing) return meetExisting(tx, definition, existing, fullNameOf(schema.catalog, schema.name, existing.name));

  const tableId = randomUUID();
  const location = tableLocation(definition.workspaceId, tableId);
  const fullName = fullNameOf(schema.catalog, schema.name, definition.name);
  try {
    await tx.query(
      `INSERT INTO "table" (id, "schemaId", name, "nameKey", kind, state, "leaseUntil", "leaseRunId", columns, "partitionColumns", properties, comment,
          "ownerId", location, "pipelineId", "createdBy")
        VALUES ($1, $2, $3, $4, $5, 'reserved', now() + $6::float8 * interval '1 millisecond', $7, $8::jsonb, $9::jsonb, $10::jsonb, $11, $12, $13, $14, $12)`,
      [
        tableId,
        schema.id,
        definition.name,
        nameKey(definition.name),
        definition.kind,
        leaseMs,
        definition.runId,
        JSON.stringify(definition.columns),
        JSON.stringify(definition.partitionColumns),
        JSON.stringify(definition.properties),
        definition.comment ?? null,
        definition.ownerId,
        location,
        definition.pipelineId ?? null,
      ],
    );
  } catch (error) {
    // Another transaction took the name between our look and our insert.
    if (isUniqueViolation(error)) throw tableBeingMade(fullName);
    throw error;
  }
  return { outcome: 'reserved', tableId, location, fullName };
}

async function meetExisting(
  tx: Queryable,
  definition: TableDefinition,
  existing: Existing,
  fullName: string,
): Promise<Reservation> {
  const { location } = existing;
  if (existing.state === 'reserved') {
    // The same run plans again, because its plan ran out or a schema moved: its own reservation stands.
    if (existing.leaseRunId === definition.runId && location) {
      await tx.query(
        `UPDATE "table" SET columns = $2::jsonb, "leaseUntil" = now() + $3::float8 * interval '1 millisecond' WHERE id = $1`,
        [existing.id, JSON.stringify(definition.columns), leaseMs],
      );
      return { outcome: 'reserved', tableId: existing.id, location, fullName };
    }
    return { outcome: 'held', tableId: existing.id, fullName };
  }
  if (definition.ifNotExists) return { outcome: 'exists', fullName };
  if (!definition.orReplace) throw tableExists(fullName);
  if (existing.kind === 'VIEW' || !location) {
    throw userError('EXPECT_TABLE_NOT_VIEW', `${fullName} is a view. Drop it first, or choose another name.`, {
      sqlState: '42809',
    });
  }
  const pending: PendingReplace = {
    runId: definition.runId,
    comment: definition.comment ?? null,
    properties: definition.properties,
    partitionColumns: definition.partitionColumns,
  };
  await tx.query('UPDATE "table" SET pending = $2::jsonb WHERE id = $1', [existing.id, JSON.stringify(pending)]);
  return { outcome: 'replace', tableId: existing.id, location, fullName };
}

export const tableExists = (fullName: string) =>
  userError(
    'TABLE_OR_VIEW_ALREADY_EXISTS',
    `${fullName} exists already. Choose another name, or write CREATE TABLE IF NOT EXISTS.`,
    {
      status: 409,
      sqlState: '42P07',
    },
  );

export const tableBeingMade = (fullName: string) =>
  userError('TABLE_BEING_CREATED', `Another run is creating ${fullName} at this moment. Wait for it, then try again.`, {
    status: 409,
    sqlState: '42P07',
  });

interface Locked {
  workspaceId: string;
  catalog: string;
  schema: string;
  name: string;
  state: string;
  version: string | null;
  pending: unknown;
  [name: string]: unknown;
}

const lockSql = `SELECT t.name, t.state, t.version::text, t.pending, s.name AS schema, c.name AS catalog, c."workspaceId"
  FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId" WHERE t.id = $1 FOR UPDATE OF t`;

/**
 * A commit of a table has become durable: the catalog follows its log, once per version, and `table.changed` leaves with the
 * transaction. `runId` is null for commits that somebody else made. Answers null where the table was dropped meanwhile; its
 * folder is then listed for removal.
 */
export async function applyWrite(
  tx: Queryable,
  removals: Removals,
  write: TableWrite,
  runId: string | null,
): Promise<{ fullName: string; workspaceId: string; isNew: boolean } | null> {
  const { rows } = await tx.query<Locked>(lockSql, [write.tableId]);
  const table = rows[0];
  if (!table) {
    await removeOrphan(tx, removals, write.tableId, runId);
    return null;
  }
  const fullName = fullNameOf(table.catalog, table.schema, table.name);
  const { workspaceId } = table;
  const noted = await tx.query<{ version: string }>(
    `INSERT INTO table_change ("tableId", version, "runId", operation, rows) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING version`,
    [write.tableId, write.version, runId, write.operation, write.rows],
  );
  const isNew = noted.rows.length > 0;
  const published = table.state === 'reserved';
  if (table.version === null || write.version >= Number(table.version)) {
    await tx.query(
      `UPDATE "table" SET state = 'published', "leaseUntil" = NULL, "leaseRunId" = NULL, version = $2, columns = $3::jsonb,
          "sizeBytes" = coalesce($4, "sizeBytes"), "fileCount" = coalesce($5, "fileCount"), "updatedAt" = now() WHERE id = $1`,
      [write.tableId, write.version, JSON.stringify(write.columns), write.sizeBytes ?? null, write.fileCount ?? null],
    );
  }
  if (write.definition && (table.version === null || write.version >= Number(table.version))) {
    const { properties, partitionColumns, comment } = write.definition;
    await tx.query(
      `UPDATE "table" SET comment = $2, properties = $3::jsonb, "partitionColumns" = $4::jsonb WHERE id = $1`,
      [write.tableId, comment, JSON.stringify(properties), JSON.stringify(partitionColumns)],
    );
  }
  const pending = table.pending === null ? null : PendingReplace.parse(table.pending);
  if (pending && pending.runId === runId) {
    await tx.query(
      `UPDATE "table" SET pending = NULL, comment = $2, properties = $3::jsonb, "partitionColumns" = $4::jsonb WHERE id = $1`,
      [write.tableId, pending.comment, JSON.stringify(pending.properties), JSON.stringify(pending.partitionColumns)],
    );
  }
  if (runId !== null && isNew)
    await recordEdge(tx, { tableId: write.tableId, direction: 'write', runId, version: write.version });
  if (isNew)
    await enqueue(tx, 'table.changed', {
      workspaceId,
      tableId: write.tableId,
      fullName,
      version: write.version,
      runId,
    });
  if (published) await enqueue(tx, 'changed', { workspaceId, kind: 'table', id: write.tableId });
  return { fullName, workspaceId, isNew };
}

async function removeOrphan(tx: Queryable, removals: Removals, tableId: string, runId: string | null): Promise<void> {
  if (runId === null) return;
  const { rows } = await tx.query<{ workspaceId: string }>('SELECT "workspaceId" FROM run WHERE id = $1', [runId]);
  if (rows[0]) await removals.add(tx, `${tableLocation(rows[0].workspaceId, tableId)}/`, 'commit to a dropped table');
}

/** What a run read, for lineage. */
export async function applyReads(tx: Queryable, reads: TableRead[], runId: string): Promise<void> {
  for (const read of reads)
    await recordEdge(tx, { tableId: read.tableId, direction: 'read', runId, version: read.version });
}

/** The log shows a schema that the catalog does not have yet. An older version than the known one changes nothing. */
export async function schemaMoved(
  db: Queryable,
  moved: { tableId: string; version: number; columns: Column[] },
): Promise<void> {
  await db.query(
    `UPDATE "table" SET columns = $3::jsonb, version = greatest(version, $2), "updatedAt" = now()
      WHERE id = $1 AND state = 'published' AND (version IS NULL OR version <= $2)`,
    [moved.tableId, moved.version, JSON.stringify(moved.columns)],
  );
}
