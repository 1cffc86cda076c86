import { randomUUID } from 'node:crypto';
import { checkName, fullNameOf, nameKey, volumeLocation } from '@boathouse/catalog';
import {
  type CatalogCommand,
  type Principal,
  type Privilege,
  type SecurableKind,
  unreachable,
  userError,
} from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { enqueue } from '../events/index.ts';
import { isUniqueViolation, type Queryable } from './db.ts';
import { dropCatalog, dropSchema, dropTable, dropVolume, mustHaveDropped } from './drops.ts';
import { removeFunction, storeFunction } from './functions.ts';
import { changeGrants } from './grants.ts';
import { recordViewReads } from './lineage.ts';
import { chainForGrants, createReader, noSecurable, requireChange, type WorkspaceReader } from './reader.ts';
import type { Removals } from './removals.ts';
import { tableExists } from './tables.ts';

export interface CommandContext {
  tx: Queryable;
  workspaceId: string;
  by: Principal;
  removals: Removals;
}

interface Need {
  kind: SecurableKind;
  fullName: string;
  privilege: Privilege;
  /** Dropping what is not there with IF EXISTS, needs nothing. */
  optional?: boolean;
}

/** What a command needs, whoever sends it: SQL and the API are held to one rule. */
function needOf(command: CatalogCommand): Need {
  switch (command.command) {
    case 'createCatalog':
      return { kind: 'metastore', fullName: 'metastore', privilege: 'CREATE CATALOG' };
    case 'dropCatalog':
      return { kind: 'catalog', fullName: quoted(command.name), privilege: 'MANAGE', optional: command.ifExists };
    case 'createSchema':
      return { kind: 'catalog', fullName: quoted(command.catalog), privilege: 'CREATE SCHEMA' };
    case 'dropSchema':
      return {
        kind: 'schema',
        fullName: quoted(command.catalog, command.name),
        privilege: 'MANAGE',
        optional: command.ifExists,
      };
    case 'createView':
      return { kind: 'schema', fullName: quoted(command.catalog, command.schema), privilege: 'CREATE TABLE' };
    case 'createVolume':
      return { kind: 'schema', fullName: quoted(command.catalog, command.schema), privilege: 'CREATE VOLUME' };
    case 'createFunction':
      return { kind: 'schema', fullName: quoted(command.catalog, command.schema), privilege: 'CREATE FUNCTION' };
    case 'dropFunction':
      return { kind: 'schema', fullName: quoted(command.catalog, command.schema), privilege: 'MANAGE' };
    case 'dropView':
    case 'dropTable':
      return {
        kind: 'table',
        fullName: quoted(command.catalog, command.schema, command.name),
        privilege: 'MANAGE',
        optional: command.ifExists,
      };
    case 'dropVolume':
      return {
        kind: 'volume',
        fullName: quoted(command.catalog, command.schema, command.name),
        privilege: 'MANAGE',
        optional: command.ifExists,
      };
    case 'grant':
    case 'revoke':
    case 'comment':
      return { kind: command.kind, fullName: command.fullName, privilege: 'MANAGE' };
    default:
      return unreachable(command);
  }
}

const quoted = (...parts: string[]): string =>
  parts.map((it) => (/[.`]/.test(it) ? `\`${it.replaceAll('`', '``')}\`` : it)).join('.');

/** Throws PERMISSION_DENIED, or the NOT_FOUND of what the command is about. */
export async function authoriseCommand(context: CommandContext, command: CatalogCommand): Promise<void> {
  const need = needOf(command);
  const chain = await chainForGrants(context.tx, context.workspaceId, need.kind, need.fullName);
  const securable = chain?.securables.at(-1);
  if (!chain || !securable) {
    if (need.optional) return;
    throw noSecurable(need.kind, need.fullName);
  }
  const reader: WorkspaceReader = createReader({
    db: context.tx,
    workspaceId: context.workspaceId,
    ask: async () => null,
  });
  const { kind, privilege } = need;
  await requireChange(reader, context.by, { kind, privilege, id: securable.id, fullName: securable.fullName });
}

/**
 * Performs a command in the transaction given, with its event and its audit entry; checks privileges itself. Throws
 * PERMISSION_DENIED, INVALID_NAME and the codes of Spark (…_ALREADY_EXISTS, …_NOT_FOUND, SCHEMA_NOT_EMPTY).
 */
export async function perform(context: CommandContext, command: CatalogCommand): Promise<void> {
  await authoriseCommand(context, command);
  const { tx, workspaceId, by } = context;
  switch (command.command) {
    case 'createCatalog':
      return createCatalog(context, command);
    case 'createSchema':
      return createSchema(context, command);
    case 'createView':
      return createView(context, command);
    case 'createVolume':
      return createVolume(context, command);
    case 'dropCatalog':
      return mustHaveDropped(
        await dropCatalog(context, command.name, command.cascade),
        command.ifExists,
        'catalog',
        command.name,
      );
    case 'dropSchema':
      return mustHaveDropped(
        await dropSchema(context, [command.catalog, command.name], command.cascade),
        command.ifExists,
        'schema',
        fullNameOf(command.catalog, command.name),
      );
    case 'dropView':
    case 'dropTable':
      return mustHaveDropped(
        await dropTable(
          context,
          [command.catalog, command.schema, command.name],
          command.command === 'dropView' ? 'view' : 'table',
        ),
        command.ifExists,
        'table',
        fullNameOf(command.catalog, command.schema, command.name),
      );
    case 'dropVolume':
      return mustHaveDropped(
        await dropVolume(context, [command.catalog, command.schema, command.name]),
        command.ifExists,
        'volume',
        fullNameOf(command.catalog, command.schema, command.name),
      );
    case 'grant':
    case 'revoke': {
      const { kind, fullName, principal, privileges } = command;
      const granting = command.command === 'grant';
      return changeGrants(tx, workspaceId, by, {
        kind,
        fullName,
        principal,
        add: granting ? privileges : [],
        remove: granting ? [] : privileges,
      });
    }
    case 'createFunction': {
      const schema = await lockSchema(context, command.catalog, command.schema);
      const { orReplace } = command;
      return storeFunction(context.tx, schema.id, command.routine, { orReplace, ownerId: context.by.userId });
    }
    case 'dropFunction': {
      const schema = await lockSchema(context, command.catalog, command.schema);
      if (await removeFunction(context.tx, schema.id, command.name)) return;
      throw userError('ROUTINE_NOT_FOUND', `The function ${command.name} cannot be found.`, { sqlState: '42883' });
    }
    case 'comment':
      return setComment(context, command.kind, command.fullName, command.comment);
    default:
      return unreachable(command);
  }
}

type Of<K extends CatalogCommand['command']> = Extract<CatalogCommand, { command: K }>;

const exists = (kind: string, fullName: string) =>
  userError(
    `${kind.toUpperCase()}_ALREADY_EXISTS`,
    `The ${kind} ${fullName} exists already. Choose another name, or write IF NOT EXISTS.`,
    {
      status: 409,
      sqlState: '42P06',
    },
  );

async function created(context: CommandContext, kind: SecurableKind, id: string, fullName: string): Promise<void> {
  const { tx, workspaceId, by } = context;
  await audit(tx, { workspaceId, userId: by.userId, action: 'catalog.create', target: `${kind} ${fullName}` });
  await enqueue(tx, 'changed', { workspaceId, kind, id });
}

async function createCatalog(context: CommandContext, command: Of<'createCatalog'>): Promise<void> {
  checkName('catalog', command.name);
  const id = randomUUID();
  const made = await context.tx.query<{ id: string }>(
    `INSERT INTO catalog (id, "workspaceId", name, "nameKey", comment, "ownerId") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id`,
    [id, context.workspaceId, command.name, nameKey(command.name), command.comment ?? null, context.by.userId],
  );
  if (made.rows.length === 0) {
    if (command.ifNotExists) return;
    throw exists('catalog', command.name);
  }
  await created(context, 'catalog', id, command.name);
  await insertSchema(context, id, command.name, { name: 'default' });
}

async function createSchema(context: CommandContext, command: Of<'createSchema'>): Promise<void> {
  checkName('schema', command.name);
  const { rows } = await context.tx.query<{ id: string; name: string }>(
    'SELECT id, name FROM catalog WHERE "workspaceId" = $1 AND "nameKey" = $2 FOR SHARE',
    [context.workspaceId, nameKey(command.catalog)],
  );
  if (!rows[0]) throw noSecurable('catalog', command.catalog);
  const made = await insertSchema(context, rows[0].id, rows[0].name, command);
  if (!made && !command.ifNotExists) throw exists('schema', fullNameOf(command.catalog, command.name));
}

async function insertSchema(
  context: CommandContext,
  catalogId: string,
  catalog: string,
  schema: { name: string; comment?: string; properties?: Record<string, string> },
): Promise<boolean> {
  const id = randomUUID();
  const made = await context.tx.query<{ id: string }>(
    `INSERT INTO schema (id, "catalogId", name, "nameKey", comment, properties, "ownerId") VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)
      ON CONFLICT DO NOTHING RETURNING id`,
    [
      id,
      catalogId,
      schema.name,
      nameKey(schema.name),
      schema.comment ?? null,
      JSON.stringify(schema.properties ?? {}),
      context.by.userId,
    ],
  );
  if (made.rows.length === 0) return false;
  await created(context, 'schema', id, fullNameOf(catalog, schema.name));
  return true;
}

/** The schema's id and its names as written; holds it against being dropped until the transaction ends. */
async function lockSchema(
  context: CommandContext,
  catalog: string,
  schema: string,
): Promise<{ id: string; fullName: string }> {
  const { rows } = await context.tx.query<{ id: string; name: string; catalog: string }>(
    `SELECT s.id, s.name, c.name AS catalog FROM schema s JOIN catalog c ON c.id = s."catalogId"
      WHERE c."workspaceId" = $1 AND c."nameKey" = $2 AND s."nameKey" = $3 FOR SHARE OF s`,
    [context.workspaceId, nameKey(catalog), nameKey(schema)],
  );
  if (!rows[0]) throw noSecurable('schema', fullNameOf(catalog, schema));
  return { id: rows[0].id, fullName: fullNameOf(rows[0].catalog, rows[0].name) };
}

async function createVolume(context: CommandContext, command: Of<'createVolume'>): Promise<void> {
  checkName('volume', command.name);
  const schema = await lockSchema(context, command.catalog, command.schema);
  const id = randomUUID();
  const made = await context.tx.query<{ id: string }>(
    `INSERT INTO volume (id, "schemaId", name, "nameKey", comment, "ownerId", location) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
    [
      id,
      schema.id,
      command.name,
      nameKey(command.name),
      command.comment ?? null,
      context.by.userId,
      volumeLocation(context.workspaceId, id),
    ],
  );
  const fullName = fullNameOf(schema.fullName, command.name);
  if (made.rows.length > 0) return created(context, 'volume', id, fullName);
  if (!command.ifNotExists) throw exists('volume', fullName);
}

async function createView(context: CommandContext, command: Of<'createView'>): Promise<void> {
  checkName('view', command.name);
  const schema = await lockSchema(context, command.catalog, command.schema);
  const fullName = fullNameOf(schema.fullName, command.name);
  const { rows } = await context.tx.query<{ id: string; kind: string; ownerId: string; state: string }>(
    'SELECT id, kind, "ownerId", state FROM "table" WHERE "schemaId" = $1 AND "nameKey" = $2 FOR UPDATE',
    [schema.id, nameKey(command.name)],
  );
  const existing = rows[0];
  if (existing && command.ifNotExists) return;
  if (existing && !command.orReplace) throw tableExists(fullName);
  if (existing && existing.kind !== 'VIEW') {
    throw userError('EXPECT_VIEW_NOT_TABLE', `${fullName} is a table. Drop it first, or choose another name.`, {
      sqlState: '42809',
    });
  }
  const id = existing?.id ?? randomUUID();
  const values = [
    id,
    JSON.stringify(command.columns),
    command.comment ?? null,
    command.viewText,
    command.viewCatalog,
    command.viewSchema,
    context.by.userId,
  ];
  if (existing) {
    // A view reads with its owner's rights: replacing one of another owner would lend them to the new text.
    const reader = createReader({ db: context.tx, workspaceId: context.workspaceId, ask: async () => null });
    await reader.authorise(context.by, [{ kind: 'table', id, fullName, privilege: 'MANAGE' }]);
    await context.tx.query(
      `UPDATE "table" SET columns = $2::jsonb, comment = $3, "viewText" = $4, "viewCatalog" = $5, "viewSchema" = $6, "ownerId" = $7, "updatedAt" = now() WHERE id = $1`,
      values,
    );
  } else {
    try {
      await context.tx.query(
        `INSERT INTO "table" (id, columns, comment, "viewText", "viewCatalog", "viewSchema", "ownerId", "createdBy", "schemaId", name, "nameKey", kind, state)
          VALUES ($1, $2::jsonb, $3, $4, $5, $6, $7, $7, $8, $9, $10, 'VIEW', 'published')`,
        [...values, schema.id, command.name, nameKey(command.name)],
      );
    } catch (error) {
      if (isUniqueViolation(error)) throw tableExists(fullName);
      throw error;
    }
  }
  await recordViewReads(context.tx, id, await tableIdsOf(context, command.reads));
  await created(context, 'table', id, fullName);
}

/** Ids of tables given by full name; what is not in the catalog (a file, a temporary view) has none. */
async function tableIdsOf(context: CommandContext, fullNames: string[]): Promise<string[]> {
  const { rows } = await context.tx.query<{ id: string }>(
    `SELECT t.id FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
      WHERE c."workspaceId" = $1 AND (c."nameKey" || '.' || s."nameKey" || '.' || t."nameKey") = ANY($2::text[])`,
    [context.workspaceId, fullNames.map((it) => it.toLowerCase())],
  );
  return rows.map((it) => it.id);
}

const relationOf: Record<Exclude<SecurableKind, 'metastore'>, string> = {
  catalog: 'catalog',
  schema: 'schema',
  table: '"table"',
  volume: 'volume',
};

async function setComment(
  context: CommandContext,
  kind: SecurableKind,
  fullName: string,
  comment: string | null,
): Promise<void> {
  if (kind === 'metastore')
    throw userError('UNSUPPORTED_COMMENT', 'The metastore has no comment. Comment on a catalog instead.');
  const chain = await chainForGrants(context.tx, context.workspaceId, kind, fullName);
  const securable = chain?.securables.at(-1);
  if (!securable) throw noSecurable(kind, fullName);
  await context.tx.query(`UPDATE ${relationOf[kind]} SET comment = $2, "updatedAt" = now() WHERE id = $1`, [
    securable.id,
    comment,
  ]);
  await enqueue(context.tx, 'changed', { workspaceId: context.workspaceId, kind, id: securable.id });
}
