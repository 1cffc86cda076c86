import { randomUUID } from 'node:crypto';
import { splitFullName } from '@boathouse/catalog';
import {
  BoathouseError,
  type Column,
  createCatalog,
  createSchema,
  createTable,
  createVolume,
  deleteCatalog,
  deleteSchema,
  deleteTable,
  deleteVolume,
  getCatalog,
  getSchema,
  getTable,
  getVolume,
  listCatalogs,
  listSchemas,
  listTableSummaries,
  listTables,
  listVolumes,
  metastoreAssignment,
  metastoreSummary,
  systemError,
  tableExists,
  updateCatalog,
  updateSchema,
  updateTable,
  updateVolume,
  userError,
} from '@boathouse/contracts';
import { createTableText } from '../catalog/create-table-text.ts';
import { type LoadedChain, noSecurable } from '../catalog/index.ts';
import { pageOf } from '../catalog/pages.ts';
import { presentCatalog, presentSchema, presentTable, presentVolume } from '../catalog/present.ts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

type Kind = 'catalog' | 'schema' | 'table' | 'volume';
const partCount: Record<Kind, number> = { catalog: 1, schema: 2, table: 3, volume: 3 };

/** A table without rows is made in well under a second; a busy compute process may take its time. */
const createTimeoutMs = 60_000;

/** Unity Catalog 2.1 for Databricks clients. Everything goes through the doors that SQL uses. */
export function unityCatalogRoutes(services: Services): Route[] {
  const { catalog, store, runs, sessions } = services;
  const how = (ctx: RequestContext) => ({ workspaceId: ctx.workspaceId, store });

  async function find(ctx: RequestContext, kind: Kind, fullName: string): Promise<LoadedChain> {
    const chain = await catalog
      .reader(ctx.workspaceId)
      .find(ctx.principal, kind, splitFullName(fullName, partCount[kind]));
    if (!chain) throw noSecurable(kind, fullName);
    return chain;
  }
  const shownCatalog = async (ctx: RequestContext, fullName: string) => {
    const chain = await find(ctx, 'catalog', fullName);
    return presentCatalog(how(ctx), { ...chain.catalog, owner: chain.owner });
  };
  const shownSchema = async (ctx: RequestContext, fullName: string) => {
    const chain = await find(ctx, 'schema', fullName);
    return presentSchema(how(ctx), chain.catalog.name, { ...chain.schema!, owner: chain.owner });
  };
  const shownTable = async (ctx: RequestContext, fullName: string) => {
    const chain = await find(ctx, 'table', fullName);
    return presentTable(how(ctx), chain.catalog.name, chain.schema!.name, { ...chain.table!, owner: chain.owner });
  };
  const shownVolume = async (ctx: RequestContext, fullName: string) => {
    const chain = await find(ctx, 'volume', fullName);
    return presentVolume(how(ctx), chain.catalog.name, chain.schema!.name, { ...chain.volume!, owner: chain.owner });
  };
  /** The parent must be there: an empty list would hide a wrong name. */
  const inside = async (ctx: RequestContext, names: string[], columns: boolean) => {
    await find(ctx, names.length === 1 ? 'catalog' : 'schema', names.map(quote).join('.'));
    const depth = names.length === 1 ? 'schema' : 'object';
    return (
      await catalog.visible(ctx.workspaceId, ctx.principal, { catalog: names[0], schema: names[1], depth, columns })
    ).flatMap((it) => it.schemas.map((schema) => ({ catalog: it.catalog, ...schema })));
  };

  return [
    implement(listCatalogs, async ({ query, ctx }) => {
      const all = await catalog.visible(ctx.workspaceId, ctx.principal, { depth: 'catalog', columns: false });
      const { items, ...next } = pageOf(all, (it) => it.catalog.name, query);
      return { catalogs: items.map((it) => presentCatalog(how(ctx), it.catalog)), ...next };
    }),
    implement(createCatalog, async ({ body, ctx }) => {
      await catalog.perform(ctx.workspaceId, ctx.principal, { command: 'createCatalog', ifNotExists: false, ...body });
      return shownCatalog(ctx, quote(body.name));
    }),
    implement(getCatalog, ({ params, ctx }) => shownCatalog(ctx, params.full_name)),
    implement(updateCatalog, async ({ params, body, ctx }) =>
      shownCatalog(
        ctx,
        await catalog.alter(ctx.workspaceId, ctx.principal, 'catalog', params.full_name, alteration(body)),
      ),
    ),
    implement(deleteCatalog, async ({ params, query, ctx }) => {
      const [name] = splitFullName(params.full_name, 1);
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command: 'dropCatalog',
        name: name!,
        ifExists: false,
        cascade: query.force ?? false,
      });
      return {};
    }),

    implement(listSchemas, async ({ query, ctx }) => {
      const all = await inside(ctx, [query.catalog_name], false);
      const { items, ...next } = pageOf(all, (it) => it.schema.name, query);
      return { schemas: items.map((it) => presentSchema(how(ctx), it.catalog.name, it.schema)), ...next };
    }),
    implement(createSchema, async ({ body, ctx }) => {
      const { catalog_name, ...rest } = body;
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command: 'createSchema',
        catalog: catalog_name,
        ifNotExists: false,
        ...rest,
      });
      return shownSchema(ctx, [catalog_name, body.name].map(quote).join('.'));
    }),
    implement(getSchema, ({ params, ctx }) => shownSchema(ctx, params.full_name)),
    implement(updateSchema, async ({ params, body, ctx }) =>
      shownSchema(
        ctx,
        await catalog.alter(ctx.workspaceId, ctx.principal, 'schema', params.full_name, {
          ...alteration(body),
          properties: body.properties,
        }),
      ),
    ),
    implement(deleteSchema, async ({ params, query, ctx }) => {
      const [outer, name] = splitFullName(params.full_name, 2);
      const cascade = query.force ?? false;
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command: 'dropSchema',
        catalog: outer!,
        name: name!,
        ifExists: false,
        cascade,
      });
      return {};
    }),

    implement(listTables, async ({ query, ctx }) => {
      const all = (await inside(ctx, [query.catalog_name, query.schema_name], !query.omit_columns)).flatMap((it) =>
        it.tables.map((table) => ({ ...it, table })),
      );
      const { items, ...next } = pageOf(all, (it) => it.table.name, query);
      const tables = items.map((it) => {
        const { columns, properties, owner, ...rest } = presentTable(
          how(ctx),
          it.catalog.name,
          it.schema.name,
          it.table,
        );
        return {
          ...rest,
          ...(query.omit_columns ? {} : { columns }),
          ...(query.omit_properties ? {} : { properties }),
          ...(query.omit_username ? {} : { owner }),
        };
      });
      return { tables, ...next };
    }),
    implement(listTableSummaries, async ({ query, ctx }) => {
      await find(ctx, 'catalog', quote(query.catalog_name));
      const schemaLike = likePattern(query.schema_name_pattern);
      const tableLike = likePattern(query.table_name_pattern);
      const tree = await catalog.visible(ctx.workspaceId, ctx.principal, {
        catalog: query.catalog_name,
        depth: 'object',
        columns: false,
      });
      const all = tree.flatMap((outer) =>
        outer.schemas
          .filter((it) => schemaLike.test(it.schema.name))
          .flatMap((inner) =>
            inner.tables
              .filter((it) => tableLike.test(it.name))
              .map((it) => ({
                full_name: `${outer.catalog.name}.${inner.schema.name}.${it.name}`,
                table_type: it.kind,
              })),
          ),
      );
      const { items, ...next } = pageOf(all, (it) => it.full_name, query);
      return { tables: items, ...next };
    }),
    implement(createTable, async ({ body, ctx }) => {
      const { catalog_name, schema_name, name } = body;
      const text = createTableText({
        catalog: catalog_name,
        schema: schema_name,
        name,
        ...requestedColumns(body.columns),
        comment: body.comment,
        properties: body.properties,
      });
      const id = randomUUID();
      const { principal, workspaceId } = ctx;
      await runs.start({
        id,
        kind: 'statement',
        workspaceId,
        principal,
        session: sessions.passing(id, {}),
        language: 'sql',
        text,
      });
      const run = await runs.waitFor(id, createTimeoutMs);
      if (run.error) throw BoathouseError.fromInfo(run.error);
      if (run.state !== 'succeeded')
        throw systemError('TIMEOUT', `The table is still being created: look for it in a moment (run ${id}).`, {
          status: 504,
        });
      return shownTable(ctx, [catalog_name, schema_name, name].map(quote).join('.'));
    }),
    implement(getTable, ({ params, ctx }) => shownTable(ctx, params.full_name)),
    implement(tableExists, async ({ params, ctx }) => ({
      table_exists:
        (await catalog.reader(ctx.workspaceId).find(ctx.principal, 'table', splitFullName(params.full_name, 3))) !==
        null,
    })),
    implement(updateTable, async ({ params, body, ctx }) =>
      shownTable(ctx, await catalog.alter(ctx.workspaceId, ctx.principal, 'table', params.full_name, body)),
    ),
    implement(deleteTable, async ({ params, ctx }) => {
      const chain = await find(ctx, 'table', params.full_name);
      const command = chain.table?.kind === 'VIEW' ? ('dropView' as const) : ('dropTable' as const);
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command,
        catalog: chain.catalog.name,
        schema: chain.schema!.name,
        name: chain.table!.name,
        ifExists: false,
      });
      return {};
    }),

    implement(listVolumes, async ({ query, ctx }) => {
      const all = (await inside(ctx, [query.catalog_name, query.schema_name], false)).flatMap((it) =>
        it.volumes.map((volume) => ({ ...it, volume })),
      );
      const { items, ...next } = pageOf(all, (it) => it.volume.name, query);
      return {
        volumes: items.map((it) => presentVolume(how(ctx), it.catalog.name, it.schema.name, it.volume)),
        ...next,
      };
    }),
    implement(createVolume, async ({ body, ctx }) => {
      const { catalog_name, schema_name, name, comment } = body;
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command: 'createVolume',
        catalog: catalog_name,
        schema: schema_name,
        name,
        ifNotExists: false,
        ...(comment === undefined ? {} : { comment }),
      });
      return shownVolume(ctx, [catalog_name, schema_name, name].map(quote).join('.'));
    }),
    implement(getVolume, ({ params, ctx }) => shownVolume(ctx, params.full_name)),
    implement(updateVolume, async ({ params, body, ctx }) =>
      shownVolume(
        ctx,
        await catalog.alter(ctx.workspaceId, ctx.principal, 'volume', params.full_name, alteration(body)),
      ),
    ),
    implement(deleteVolume, async ({ params, ctx }) => {
      const [outer, schema, name] = splitFullName(params.full_name, 3);
      await catalog.perform(ctx.workspaceId, ctx.principal, {
        command: 'dropVolume',
        catalog: outer!,
        schema: schema!,
        name: name!,
        ifExists: false,
      });
      return {};
    }),

    implement(metastoreAssignment, async ({ ctx }) => ({
      workspace_id: Number((await services.auth.workspaceNumber(ctx.workspaceId)) ?? 0),
      metastore_id: ctx.workspaceId,
      default_catalog_name: 'main',
    })),
    implement(metastoreSummary, async ({ ctx }) => ({
      metastore_id: ctx.workspaceId,
      name: 'boathouse',
      default_data_access_config_id: ctx.workspaceId,
      cloud: 'local',
      region: 'local',
      privilege_model_version: '1.0',
    })),
  ];
}

/** The columns of a table that the API makes. Throws INVALID_PARAMETER_VALUE where partition indexes are not 0, 1, 2 …. */
export function requestedColumns(
  columns: {
    name: string;
    type_text: string;
    nullable?: boolean;
    comment?: string;
    position?: number;
    partition_index?: number;
  }[],
): {
  columns: Column[];
  partitionColumns: string[];
} {
  const ordered = columns.every((it) => it.position !== undefined)
    ? columns.toSorted((a, b) => a.position! - b.position!)
    : columns;
  const partitions = ordered
    .filter((it) => it.partition_index !== undefined)
    .toSorted((a, b) => a.partition_index! - b.partition_index!);
  if (partitions.some((it, index) => it.partition_index !== index)) {
    throw userError(
      'INVALID_PARAMETER_VALUE',
      'The field "columns.partition_index" must count 0, 1, 2 … over the partition columns.',
    );
  }
  return {
    columns: ordered.map((it) => ({
      name: it.name,
      type: it.type_text,
      nullable: it.nullable ?? true,
      ...(it.comment === undefined ? {} : { comment: it.comment }),
    })),
    partitionColumns: partitions.map((it) => it.name),
  };
}

const quote = (name: string): string => (/[.`]/.test(name) ? `\`${name.replaceAll('`', '``')}\`` : name);

const alteration = (body: { comment?: string; owner?: string; new_name?: string }) => ({
  comment: body.comment,
  owner: body.owner,
  newName: body.new_name,
});

/** A SQL LIKE pattern (`%`, `_`) without case; absent matches all. */
function likePattern(pattern: string | undefined): RegExp {
  if (pattern === undefined) return /^/;
  const source = [...pattern]
    .map((it) => (it === '%' ? '.*' : it === '_' ? '.' : it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 'is');
}
