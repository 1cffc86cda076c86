import { fullNameOf, nameKey } from '@boathouse/catalog';
import { type Principal, type SecurableKind, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { enqueue } from '../events/index.ts';
import { volumeDirectories } from '../files/keys.ts';
import type { Queryable } from './db.ts';
import { forgetEdges } from './lineage.ts';
import { noSecurable } from './reader.ts';
import type { Removals } from './removals.ts';

/** What dropping needs: the transaction, who does it, and the list of folders to delete. Privileges are checked before. */
export interface DropContext {
  tx: Queryable;
  workspaceId: string;
  by: Principal;
  removals: Removals;
}

interface Found {
  id: string;
  name: string;
  kind?: string;
  location?: string | null;
  [name: string]: unknown;
}

async function told(context: DropContext, kind: SecurableKind, id: string, fullName: string): Promise<void> {
  const { tx, workspaceId, by } = context;
  await tx.query('DELETE FROM "grant" WHERE "securableKind" = $1 AND "securableId" = $2', [kind, id]);
  await audit(tx, { workspaceId, userId: by.userId, action: 'catalog.drop', target: `${kind} ${fullName}` });
  await enqueue(tx, 'changed', { workspaceId, kind, id });
}

async function dropTableRow(context: DropContext, table: Found, fullName: string): Promise<void> {
  await context.tx.query('DELETE FROM "table" WHERE id = $1', [table.id]);
  await context.tx.query('DELETE FROM table_change WHERE "tableId" = $1', [table.id]);
  await forgetEdges(context.tx, [table.id]);
  if (table.location) await context.removals.add(context.tx, `${table.location}/`, `table ${fullName}`);
  await told(context, 'table', table.id, fullName);
}

async function dropVolumeRow(context: DropContext, volume: Found, fullName: string): Promise<void> {
  await context.tx.query('DELETE FROM volume WHERE id = $1', [volume.id]);
  if (volume.location) {
    await context.removals.add(context.tx, volume.location, `volume ${fullName}`);
    await context.removals.add(context.tx, volumeDirectories(volume.location), `directories of volume ${fullName}`);
  }
  await told(context, 'volume', volume.id, fullName);
}

const itemSql = (relation: string, extra: string) =>
  `SELECT x.id, x.name, x.location${extra} FROM ${relation} x JOIN schema s ON s.id = x."schemaId" JOIN catalog c ON c.id = s."catalogId"
    WHERE c."workspaceId" = $1 AND c."nameKey" = $2 AND s."nameKey" = $3 AND x."nameKey" = $4`;
const tableSql = `${itemSql('"table"', ', x.kind')} AND x.state = 'published' FOR UPDATE OF x`;
const volumeSql = `${itemSql('volume', '')} FOR UPDATE OF x`;

/** Drops a table or a view, as `wanted` says. False where nothing is there. Throws EXPECT_… where it is the other kind. */
export async function dropTable(
  context: DropContext,
  names: [string, string, string],
  wanted: 'table' | 'view' | 'any',
): Promise<boolean> {
  const { rows } = await context.tx.query<Found>(tableSql, [context.workspaceId, ...names.map(nameKey)]);
  const table = rows[0];
  if (!table) return false;
  const fullName = fullNameOf(names[0], names[1], table.name);
  const isView = table.kind === 'VIEW';
  if (wanted === 'table' && isView)
    throw userError('EXPECT_TABLE_NOT_VIEW', `${fullName} is a view. Use DROP VIEW.`, { sqlState: '42809' });
  if (wanted === 'view' && !isView)
    throw userError('EXPECT_VIEW_NOT_TABLE', `${fullName} is a table. Use DROP TABLE.`, { sqlState: '42809' });
  await dropTableRow(context, table, fullName);
  return true;
}

/** False where nothing is there. */
export async function dropVolume(context: DropContext, names: [string, string, string]): Promise<boolean> {
  const { rows } = await context.tx.query<Found>(volumeSql, [context.workspaceId, ...names.map(nameKey)]);
  if (!rows[0]) return false;
  await dropVolumeRow(context, rows[0], fullNameOf(names[0], names[1], rows[0].name));
  return true;
}

/** False where nothing is there. Throws SCHEMA_NOT_EMPTY without `cascade`. */
export async function dropSchema(context: DropContext, names: [string, string], cascade: boolean): Promise<boolean> {
  const { rows } = await context.tx.query<Found>(
    `SELECT s.id, s.name FROM schema s JOIN catalog c ON c.id = s."catalogId" WHERE c."workspaceId" = $1 AND c."nameKey" = $2 AND s."nameKey" = $3
      FOR UPDATE OF s`,
    [context.workspaceId, ...names.map(nameKey)],
  );
  if (!rows[0]) return false;
  await dropSchemaRow(context, rows[0], fullNameOf(names[0], rows[0].name), cascade);
  return true;
}

async function dropSchemaRow(context: DropContext, schema: Found, fullName: string, cascade: boolean): Promise<void> {
  const tables = await context.tx.query<Found>(
    'SELECT id, name, location, kind FROM "table" WHERE "schemaId" = $1 FOR UPDATE',
    [schema.id],
  );
  const volumes = await context.tx.query<Found>(
    'SELECT id, name, location FROM volume WHERE "schemaId" = $1 FOR UPDATE',
    [schema.id],
  );
  const inside = [...tables.rows, ...volumes.rows].map((it) => it.name);
  if (inside.length > 0 && !cascade) throw notEmpty('schema', fullName, inside);
  for (const table of tables.rows) await dropTableRow(context, table, fullNameOf(fullName, table.name));
  for (const volume of volumes.rows) await dropVolumeRow(context, volume, fullNameOf(fullName, volume.name));
  await context.tx.query('DELETE FROM schema WHERE id = $1', [schema.id]);
  await told(context, 'schema', schema.id, fullName);
}

/** False where nothing is there. Throws CATALOG_NOT_EMPTY without `cascade`. */
export async function dropCatalog(context: DropContext, name: string, cascade: boolean): Promise<boolean> {
  const { rows } = await context.tx.query<Found>(
    'SELECT id, name FROM catalog WHERE "workspaceId" = $1 AND "nameKey" = $2 FOR UPDATE',
    [context.workspaceId, nameKey(name)],
  );
  const catalog = rows[0];
  if (!catalog) return false;
  const schemas = await context.tx.query<Found>('SELECT id, name FROM schema WHERE "catalogId" = $1 FOR UPDATE', [
    catalog.id,
  ]);
  // A catalog that holds nothing but its first, empty schema counts as empty, as in Unity Catalog.
  const full = await context.tx.query<Found>(
    `SELECT s.id, s.name FROM schema s WHERE s."catalogId" = $1 AND (s."nameKey" <> 'default'
       OR EXISTS (SELECT 1 FROM "table" t WHERE t."schemaId" = s.id) OR EXISTS (SELECT 1 FROM volume v WHERE v."schemaId" = s.id))`,
    [catalog.id],
  );
  if (full.rows.length > 0 && !cascade)
    throw notEmpty(
      'catalog',
      catalog.name,
      full.rows.map((it) => it.name),
    );
  for (const schema of schemas.rows) await dropSchemaRow(context, schema, fullNameOf(catalog.name, schema.name), true);
  await context.tx.query('DELETE FROM catalog WHERE id = $1', [catalog.id]);
  await told(context, 'catalog', catalog.id, catalog.name);
  return true;
}

const notEmpty = (kind: 'catalog' | 'schema', fullName: string, inside: string[]) =>
  userError(
    kind === 'schema' ? 'SCHEMA_NOT_EMPTY' : 'CATALOG_NOT_EMPTY',
    `The ${kind} ${fullName} is not empty: it holds ${inside.slice(0, 3).join(', ')}${inside.length > 3 ? ` and ${inside.length - 3} more` : ''}. Drop what is in it first, or use CASCADE (force=true).`,
    { status: 409, sqlState: '2BP01' },
  );

/** Throws the NOT_FOUND of the kind unless something was dropped or the caller accepts that nothing was. */
export function mustHaveDropped(dropped: boolean, ifExists: boolean, kind: SecurableKind, fullName: string): void {
  if (!dropped && !ifExists) throw noSecurable(kind, fullName);
}
