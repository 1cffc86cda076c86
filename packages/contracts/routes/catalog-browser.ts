import { z } from 'zod';
import { Grant, Privilege, SecurableKind, TableKind } from '../catalog.ts';
import { RowChanges, TableDetail, TableHistoryEntry, VersionComparison } from '../compute-link.ts';
import { defineRoute } from '../route.ts';
import { Column } from '../types.ts';
import { DirectoryEntry } from './files.ts';
import { QueryBoolean, QueryInteger } from './query-values.ts';

/** The catalog as the workspace UI browses it. Every answer holds only what the caller may know of. */
const area = 'Catalog browser';
const base = '/api/2.0/boathouse/catalog';
const visible = 'Lists what the caller may see';

export const CatalogNode = z.object({
  id: z.string(),
  name: z.string(),
  comment: z.string().nullable(),
  owner: z.string(),
});
export type CatalogNode = z.infer<typeof CatalogNode>;
export const TableNode = z.object({
  id: z.string(),
  name: z.string(),
  kind: TableKind,
  comment: z.string().nullable(),
});
export type TableNode = z.infer<typeof TableNode>;
export const VolumeNode = z.object({ id: z.string(), name: z.string(), comment: z.string().nullable() });
export type VolumeNode = z.infer<typeof VolumeNode>;
export const SchemaNode = CatalogNode.extend({ tables: z.array(TableNode), volumes: z.array(VolumeNode) });
export type SchemaNode = z.infer<typeof SchemaNode>;
/** The whole tree; tables without columns. */
export const CatalogTree = z.object({ catalogs: z.array(CatalogNode.extend({ schemas: z.array(SchemaNode) })) });
export type CatalogTree = z.infer<typeof CatalogTree>;

export const catalogTree = defineRoute({
  method: 'GET',
  path: `${base}/tree`,
  summary: 'Catalogs, schemas, tables, views and volumes',
  area,
  needs: visible,
  response: CatalogTree,
});

const tableParams = z.object({ fullName: z.string().min(1) });

export const TablePage = z.object({
  id: z.string(),
  catalog: z.string(),
  schema: z.string(),
  name: z.string(),
  fullName: z.string(),
  kind: TableKind,
  comment: z.string().nullable(),
  owner: z.string(),
  ownerId: z.string(),
  columns: z.array(Column),
  partitionColumns: z.array(z.string()),
  properties: z.record(z.string(), z.string()),
  viewText: z.string().nullable(),
  location: z.string().nullable(),
  /** Latest version that we know of and its sizes; null for views and where nobody has reported them. */
  version: z.number().nullable(),
  rowCount: z.number().nullable(),
  fileCount: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  pipelineId: z.string().nullable(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  /** What the caller may do here. `select` false: `ask` says whom to ask. */
  may: z.object({ select: z.boolean(), modify: z.boolean(), manage: z.boolean() }),
  ask: z.string().nullable(),
});
export type TablePage = z.infer<typeof TablePage>;

export const tablePage = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}`,
  summary: 'A table or view by full name',
  area,
  needs: 'BROWSE or any grant on the table',
  params: tableParams,
  response: TablePage,
});

export const tableHistory = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}/history`,
  summary: 'Versions of a table, newest first',
  area,
  needs: 'SELECT',
  params: tableParams,
  query: z.strictObject({ limit: QueryInteger(1, 1_000).optional() }),
  response: z.object({ entries: z.array(TableHistoryEntry) }),
});
export const tableDetail = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}/detail`,
  summary: 'Protocol, sizes and live files of a table',
  area,
  needs: 'SELECT',
  params: tableParams,
  response: TableDetail,
});

const largestVersion = Number.MAX_SAFE_INTEGER;
const versions = z.strictObject({ from: QueryInteger(0, largestVersion), to: QueryInteger(0, largestVersion) });
export const compareVersions = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}/compare`,
  summary: 'What differs between two versions of a table: columns, properties, files and rows',
  area,
  needs: 'SELECT',
  params: tableParams,
  query: versions,
  response: VersionComparison,
});
export const compareRows = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}/compare/rows`,
  summary: 'Some of the rows that differ between two versions of a table',
  area,
  needs: 'SELECT',
  params: tableParams,
  query: versions,
  response: RowChanges,
});

/**
 * First rows of a table as a run like any other: the answer comes over the live channel and the runs API. The client
 * chooses the id, so that a repeated request starts nothing twice.
 */
export const tableSample = defineRoute({
  method: 'POST',
  path: `${base}/tables/{fullName}/sample`,
  summary: 'Starts a run of the first rows',
  area,
  needs: 'SELECT',
  params: tableParams,
  body: z.strictObject({ runId: z.uuid() }),
  response: z.object({ runId: z.string() }),
  status: 202,
});

export const LineageEnd = z.object({
  direction: z.enum(['read', 'write']),
  sourceKind: z.enum(['notebook', 'pipeline', 'job', 'dashboard', 'user', 'table']),
  sourceId: z.string(),
  /** Null where the caller may not see the source, or it is gone. */
  name: z.string().nullable(),
  /** Link within the workspace; null where there is none. */
  href: z.string().nullable(),
  lastRunId: z.string().nullable(),
  lastVersion: z.number().nullable(),
  count: z.number(),
  firstAtMs: z.number(),
  lastAtMs: z.number(),
});
export type LineageEnd = z.infer<typeof LineageEnd>;
export const tableLineage = defineRoute({
  method: 'GET',
  path: `${base}/tables/{fullName}/lineage`,
  summary: 'What wrote and read a table',
  area,
  needs: 'BROWSE or any grant on the table',
  params: tableParams,
  response: z.object({ writers: z.array(LineageEnd), readers: z.array(LineageEnd) }),
});

export const SchemaPage = CatalogNode.extend({
  catalog: z.string(),
  fullName: z.string(),
  createdAtMs: z.number(),
  properties: z.record(z.string(), z.string()),
  tables: z.array(TableNode),
  volumes: z.array(VolumeNode),
  may: z.object({ createTable: z.boolean(), createVolume: z.boolean(), manage: z.boolean() }),
});
export const schemaPage = defineRoute({
  method: 'GET',
  path: `${base}/schemas/{fullName}`,
  summary: 'A schema by full name',
  area,
  needs: 'BROWSE, USE SCHEMA, or a grant inside',
  params: tableParams,
  response: SchemaPage,
});
export const CatalogPage = CatalogNode.extend({
  createdAtMs: z.number(),
  schemas: z.array(CatalogNode),
  may: z.object({ createSchema: z.boolean(), manage: z.boolean() }),
});
export const catalogPage = defineRoute({
  method: 'GET',
  path: `${base}/catalogs/{name}`,
  summary: 'A catalog by name',
  area,
  needs: 'BROWSE, USE CATALOG, or a grant inside',
  params: z.object({ name: z.string() }),
  response: CatalogPage,
});

export const VolumePage = CatalogNode.extend({
  catalog: z.string(),
  schema: z.string(),
  fullName: z.string(),
  /** `/Volumes/catalog/schema/volume` */
  path: z.string(),
  createdAtMs: z.number(),
  may: z.object({ read: z.boolean(), write: z.boolean(), manage: z.boolean() }),
  ask: z.string().nullable(),
});
export type VolumePage = z.infer<typeof VolumePage>;
export const volumePage = defineRoute({
  method: 'GET',
  path: `${base}/volumes/{fullName}`,
  summary: 'A volume by full name',
  area,
  needs: 'BROWSE or any grant on the volume',
  params: tableParams,
  response: VolumePage,
});
export const volumeFiles = defineRoute({
  method: 'GET',
  path: `${base}/volumes/{fullName}/files`,
  summary: 'Files of a folder of a volume',
  area,
  needs: 'READ VOLUME',
  params: tableParams,
  query: z.strictObject({ folder: z.string().optional(), pageToken: z.string().optional() }),
  response: z.object({ contents: z.array(DirectoryEntry), nextPageToken: z.string().nullable() }),
});

export const SearchHit = z.object({
  kind: z.enum([
    'catalog',
    'schema',
    'table',
    'view',
    'column',
    'volume',
    'notebook',
    'dashboard',
    'folder',
    'file',
    'job',
    'pipeline',
  ]),
  id: z.string(),
  /** What to show in bold, and below it where it lies: `main.samples` or `/Users/a@b.c`. */
  title: z.string(),
  subtitle: z.string(),
  href: z.string(),
  score: z.number(),
});
export type SearchHit = z.infer<typeof SearchHit>;
export const searchWorkspace = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/search',
  summary: 'Finds catalogs, tables, columns, volumes, notebooks, dashboards, pipelines and jobs',
  area,
  needs: visible,
  query: z.strictObject({ q: z.string().min(1).max(200), limit: QueryInteger(1, 100).optional() }),
  response: z.object({ hits: z.array(SearchHit) }),
});

/** All visible tables with columns, for completion in the editor. `version` changes when anything in the catalog did. */
export const CompletionSnapshot = z.object({
  version: z.string(),
  catalogs: z.array(
    z.object({
      name: z.string(),
      schemas: z.array(
        z.object({
          name: z.string(),
          tables: z.array(
            z.object({
              name: z.string(),
              kind: TableKind,
              columns: z.array(z.object({ name: z.string(), type: z.string(), comment: z.string().optional() })),
            }),
          ),
          volumes: z.array(z.string()),
        }),
      ),
    }),
  ),
});
export type CompletionSnapshot = z.infer<typeof CompletionSnapshot>;
export const completionSnapshot = defineRoute({
  method: 'GET',
  path: `${base}/completion`,
  summary: 'Visible tables and columns for the editor',
  area,
  needs: visible,
  response: CompletionSnapshot,
});

const securable = z.object({ kind: SecurableKind, fullName: z.string() });
export const SecurableGrants = z.object({
  kind: SecurableKind,
  fullName: z.string(),
  owner: z.string(),
  ownerId: z.string(),
  /** False: only the caller's own grants are listed, and `ask` says who can change them. */
  mayManage: z.boolean(),
  ask: z.string(),
  grants: z.array(Grant),
  /** Privileges that may be granted on this kind. */
  grantable: z.array(Privilege),
});
export type SecurableGrants = z.infer<typeof SecurableGrants>;
export const securableGrants = defineRoute({
  method: 'GET',
  path: `${base}/grants`,
  summary: 'Grants in force on a securable',
  area,
  needs: 'MANAGE for all grants; else the caller sees its own',
  query: z.strictObject(securable.shape),
  response: SecurableGrants,
});
export const changeGrants = defineRoute({
  method: 'POST',
  path: `${base}/grants`,
  summary: 'Grants or revokes privileges',
  area,
  needs: 'MANAGE on the securable',
  body: z.strictObject({
    ...securable.shape,
    changes: z
      .array(
        z.strictObject({
          principal: z.string().min(1),
          add: z.array(Privilege).default([]),
          remove: z.array(Privilege).default([]),
        }),
      )
      .min(1),
  }),
  response: SecurableGrants,
});
export const GrantCandidates = z.object({ principals: z.array(z.object({ principal: z.string(), name: z.string() })) });
export const grantCandidates = defineRoute({
  method: 'GET',
  path: `${base}/principals`,
  summary: 'Members of the workspace that may be granted something',
  area,
  needs: 'Any member',
  query: z.strictObject({ includeAll: QueryBoolean.optional() }),
  response: GrantCandidates,
});
export const setComment = defineRoute({
  method: 'POST',
  path: `${base}/comment`,
  summary: 'Sets or removes the comment of a securable',
  area,
  needs: 'MANAGE on the securable',
  body: z.strictObject({ ...securable.shape, comment: z.string().max(10_000).nullable() }),
  response: z.object({}),
});
