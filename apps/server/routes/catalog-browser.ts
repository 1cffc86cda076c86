import { everybody, grantablePrivileges, splitFullName } from '@boathouse/catalog';
import {
  catalogPage,
  catalogTree,
  changeGrants,
  compareRows,
  compareVersions,
  completionSnapshot,
  grantCandidates,
  RowChanges,
  type SecurableGrants,
  type SecurableKind,
  schemaPage,
  searchWorkspace,
  securableGrants,
  setComment,
  TableDetail,
  TableHistoryEntry,
  tableDetail,
  tableHistory,
  tableLineage,
  tablePage,
  tableSample,
  userError,
  VersionComparison,
  volumeFiles,
  volumePage,
} from '@boathouse/contracts';
import { z } from 'zod';
import { lineageOf } from '../catalog/browse/lineage.ts';
import { searchAll } from '../catalog/browse/search.ts';
import { catalogNode, completionOf, tableNode, treeOf, volumeNode } from '../catalog/browse/tree.ts';
import { type LoadedChain, noSecurable } from '../catalog/index.ts';
import { volumePath } from '../files/index.ts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

type Kind = 'catalog' | 'schema' | 'table' | 'volume';
const partCount: Record<Kind, number> = { catalog: 1, schema: 2, table: 3, volume: 3 };

/** The catalog as pages show it. */
export function catalogBrowserRoutes(services: Services): Route[] {
  const { catalog, pool, access, compute, runs, sessions, files } = services;

  async function find(ctx: RequestContext, kind: Kind, fullName: string) {
    const reader = catalog.reader(ctx.workspaceId);
    const chain = await reader.find(ctx.principal, kind, splitFullName(fullName, partCount[kind]));
    if (!chain) throw noSecurable(kind, fullName);
    const may = (privilege: Parameters<typeof reader.may>[2]) => reader.may(ctx.principal, chain, privilege);
    const ask = (privilege: Parameters<typeof reader.may>[2]) => reader.ask(ctx.principal, chain, privilege);
    return { reader, chain, may, ask, fullName: chain.securables.at(-1)!.fullName };
  }
  const names = (chain: LoadedChain): [string, string, string] => [
    chain.catalog.name,
    chain.schema!.name,
    (chain.table ?? chain.volume)!.name,
  ];

  /** A table with files that the person may read. Throws PERMISSION_DENIED, NO_FILES for a view. */
  async function readable(ctx: RequestContext, fullName: string) {
    const { reader, chain } = await find(ctx, 'table', fullName);
    const { id, fullName: shown } = chain.securables.at(-1)!;
    await reader.authorise(ctx.principal, [{ kind: 'table', id, fullName: shown, privilege: 'SELECT' }]);
    const location = chain.table!.location;
    if (location === null)
      throw userError('EXPECT_TABLE_NOT_VIEW', `${shown} is a view: it has no files and no versions of its own.`);
    return { tableId: id, location };
  }

  async function grantsView(ctx: RequestContext, kind: SecurableKind, fullName: string): Promise<SecurableGrants> {
    const reader = catalog.reader(ctx.workspaceId);
    const grants = await reader.grants(ctx.principal, kind, fullName);
    const grantable = grantablePrivileges(kind);
    if (kind === 'metastore') {
      const ask = 'Ask an administrator of the workspace.';
      return {
        kind,
        fullName: 'metastore',
        owner: '',
        ownerId: '',
        mayManage: ctx.principal.admin,
        ask,
        grants,
        grantable,
      };
    }
    const { chain, may, ask } = await find(ctx, kind, fullName);
    const self = chain.securables.at(-1)!;
    const whom = (await ask('MANAGE')) ?? 'You may change these grants.';
    return {
      kind,
      fullName: self.fullName,
      owner: chain.owner,
      ownerId: self.ownerId,
      mayManage: may('MANAGE'),
      ask: whom,
      grants,
      grantable,
    };
  }

  return [
    implement(catalogTree, async ({ ctx }) =>
      treeOf(await catalog.visible(ctx.workspaceId, ctx.principal, { depth: 'object', columns: false })),
    ),
    implement(completionSnapshot, async ({ ctx }) =>
      completionOf(await catalog.visible(ctx.workspaceId, ctx.principal, { depth: 'object', columns: true })),
    ),

    implement(catalogPage, async ({ params, ctx }) => {
      const { chain, may } = await find(ctx, 'catalog', params.name);
      const tree = await catalog.visible(ctx.workspaceId, ctx.principal, {
        catalog: chain.catalog.name,
        depth: 'schema',
        columns: false,
      });
      return {
        ...catalogNode({ ...chain.catalog, owner: chain.owner }),
        createdAtMs: chain.catalog.createdAt,
        schemas: tree.flatMap((it) => it.schemas.map(({ schema }) => catalogNode(schema))),
        may: { createSchema: may('CREATE SCHEMA'), manage: may('MANAGE') },
      };
    }),
    implement(schemaPage, async ({ params, ctx }) => {
      const { chain, may, fullName } = await find(ctx, 'schema', params.fullName);
      const schema = chain.schema!;
      const tree = await catalog.visible(ctx.workspaceId, ctx.principal, {
        catalog: chain.catalog.name,
        schema: schema.name,
        depth: 'object',
        columns: false,
      });
      const inside = tree.flatMap((it) => it.schemas);
      return {
        ...catalogNode({ ...schema, owner: chain.owner }),
        catalog: chain.catalog.name,
        fullName,
        createdAtMs: schema.createdAt,
        properties: schema.properties,
        tables: inside.flatMap((it) => it.tables.map(tableNode)),
        volumes: inside.flatMap((it) => it.volumes.map(volumeNode)),
        may: { createTable: may('CREATE TABLE'), createVolume: may('CREATE VOLUME'), manage: may('MANAGE') },
      };
    }),
    implement(tablePage, async ({ params, ctx }) => {
      const { chain, may, ask, fullName } = await find(ctx, 'table', params.fullName);
      const table = chain.table!;
      const [catalogName, schema, name] = names(chain);
      return {
        id: table.id,
        catalog: catalogName,
        schema,
        name,
        fullName,
        kind: table.kind,
        comment: table.comment,
        owner: chain.owner,
        ownerId: table.ownerId,
        columns: table.columns,
        partitionColumns: table.partitionColumns,
        properties: table.properties,
        viewText: table.viewText,
        location: table.location,
        version: table.version,
        rowCount: table.rowCount,
        fileCount: table.fileCount,
        sizeBytes: table.sizeBytes,
        pipelineId: table.pipelineId,
        createdAtMs: table.createdAt,
        updatedAtMs: table.updatedAt,
        may: { select: may('SELECT'), modify: may('MODIFY'), manage: may('MANAGE') },
        ask: await ask('SELECT'),
      };
    }),
    implement(tableHistory, async ({ params, query, ctx }) => {
      const table = await readable(ctx, params.fullName);
      const entries = await compute.ask({ ask: 'tableHistory', ...table, limit: query.limit ?? 100 });
      return { entries: z.array(TableHistoryEntry).parse(entries) };
    }),
    implement(tableDetail, async ({ params, ctx }) =>
      TableDetail.parse(
        await compute.ask({ ask: 'tableDetail', ...(await readable(ctx, params.fullName)), withCheckpoint: true }),
      ),
    ),
    implement(compareVersions, async ({ params, query, ctx }) => {
      const { location } = await readable(ctx, params.fullName);
      const answer = await compute.ask({ ask: 'compareVersions', location, ...olderFirst(query) });
      return VersionComparison.parse(answer);
    }),
    implement(compareRows, async ({ params, query, ctx }) => {
      const { location } = await readable(ctx, params.fullName);
      const question = { ask: 'compareRows' as const, location, ...olderFirst(query), limit: comparedRows };
      return RowChanges.parse(await compute.ask(question, { timeoutMs: 60_000 }));
    }),
    implement(tableSample, async ({ params, body, ctx }) => {
      const { chain } = await find(ctx, 'table', params.fullName);
      const { principal, workspaceId } = ctx;
      const text = `SELECT * FROM ${names(chain).map(quote).join('.')} LIMIT 100`;
      const session = sessions.passing(body.runId, {});
      await runs.start({ id: body.runId, kind: 'statement', workspaceId, principal, session, language: 'sql', text });
      return { runId: body.runId };
    }),
    implement(tableLineage, async ({ params, ctx }) => {
      const { chain, reader } = await find(ctx, 'table', params.fullName);
      return lineageOf(
        { pool, access, reader, workspaceId: ctx.workspaceId, principal: ctx.principal },
        chain.table!.id,
      );
    }),

    implement(volumePage, async ({ params, ctx }) => {
      const { chain, may, ask, fullName } = await find(ctx, 'volume', params.fullName);
      const [catalogName, schema] = names(chain);
      return {
        ...catalogNode({ ...chain.volume!, owner: chain.owner }),
        catalog: catalogName,
        schema,
        fullName,
        path: volumePath(names(chain), []),
        createdAtMs: chain.volume!.createdAt,
        may: { read: may('READ VOLUME'), write: may('WRITE VOLUME'), manage: may('MANAGE') },
        ask: await ask('READ VOLUME'),
      };
    }),
    implement(volumeFiles, async ({ params, query, ctx }) => {
      const path = [
        ...splitFullName(params.fullName, 3),
        ...(query.folder ? [query.folder.replace(/^\/|\/$/g, '')] : []),
      ].join('/');
      const { contents, next_page_token } = await files.list(ctx, path, { pageToken: query.pageToken });
      return { contents, nextPageToken: next_page_token ?? null };
    }),

    implement(searchWorkspace, async ({ query, ctx }) => {
      const { workspaceId, principal } = ctx;
      const visible = await catalog.visible(workspaceId, principal, { depth: 'object', columns: true });
      return { hits: await searchAll({ pool, access, workspaceId, principal }, visible, query.q, query.limit ?? 20) };
    }),

    implement(securableGrants, ({ query, ctx }) => grantsView(ctx, query.kind, query.fullName)),
    implement(changeGrants, async ({ body, ctx }) => {
      const { kind, fullName } = body;
      await catalog.changeGrants(
        ctx.workspaceId,
        ctx.principal,
        body.changes.map((it) => ({ ...it, kind, fullName })),
      );
      return grantsView(ctx, kind, fullName);
    }),
    implement(grantCandidates, async ({ query, ctx }) => {
      const { rows } = await pool.query<{ principal: string; name: string }>(
        `SELECT u.email AS principal, u.name FROM member m JOIN "user" u ON u.id = m."userId" WHERE m."workspaceId" = $1 ORDER BY lower(u.name)`,
        [ctx.workspaceId],
      );
      const all = { principal: everybody, name: 'Everybody in the workspace' };
      return { principals: query.includeAll === false ? rows : [all, ...rows] };
    }),
    implement(setComment, async ({ body, ctx }) => {
      await catalog.perform(ctx.workspaceId, ctx.principal, { command: 'comment', ...body });
      return {};
    }),
  ];
}

/** Rows that differ which a page shows. */
const comparedRows = 100;

/** Two versions in their order. Throws INVALID_PARAMETER_VALUE for one and the same. */
function olderFirst({ from, to }: { from: number; to: number }): { from: number; to: number } {
  if (from === to) throw userError('INVALID_PARAMETER_VALUE', 'Give two different versions to compare.');
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
