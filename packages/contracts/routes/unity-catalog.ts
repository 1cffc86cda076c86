import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { PageQuery, QueryBoolean } from './query-values.ts';

/** Unity Catalog 2.1 as Databricks clients call it. Fields that we do not honour are unknown, and so refused by name. */
const area = 'Unity Catalog';
const base = '/api/2.1/unity-catalog';

const Stamps = {
  comment: z.string().optional(),
  owner: z.string(),
  created_at: z.number(),
  created_by: z.string().optional(),
  updated_at: z.number(),
  metastore_id: z.string(),
};

export const UcCatalog = z.object({
  name: z.string(),
  full_name: z.string(),
  id: z.string(),
  catalog_type: z.literal('MANAGED_CATALOG'),
  securable_type: z.literal('CATALOG'),
  isolation_mode: z.literal('OPEN'),
  ...Stamps,
});
export type UcCatalog = z.infer<typeof UcCatalog>;

export const UcSchema = z.object({
  name: z.string(),
  catalog_name: z.string(),
  full_name: z.string(),
  schema_id: z.string(),
  catalog_type: z.literal('MANAGED_CATALOG'),
  properties: z.record(z.string(), z.string()).optional(),
  ...Stamps,
});
export type UcSchema = z.infer<typeof UcSchema>;

export const UcTypeName = z.enum([
  'BOOLEAN',
  'BYTE',
  'SHORT',
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'DATE',
  'TIMESTAMP',
  'TIMESTAMP_NTZ',
  'STRING',
  'BINARY',
  'DECIMAL',
  'INTERVAL',
  'ARRAY',
  'STRUCT',
  'MAP',
  'CHAR',
  'NULL',
  'USER_DEFINED_TYPE',
  'TABLE_TYPE',
  'VARIANT',
  'TIME',
]);
export type UcTypeName = z.infer<typeof UcTypeName>;

export const UcColumn = z.object({
  name: z.string(),
  type_text: z.string(),
  type_name: UcTypeName,
  /** JSON text of Spark's StructField: `{"name","type","nullable","metadata"}`. */
  type_json: z.string(),
  position: z.number().int(),
  nullable: z.boolean(),
  comment: z.string().optional(),
  type_precision: z.number().int(),
  type_scale: z.number().int(),
  partition_index: z.number().int().optional(),
});
export type UcColumn = z.infer<typeof UcColumn>;

export const UcTable = z.object({
  name: z.string(),
  catalog_name: z.string(),
  schema_name: z.string(),
  full_name: z.string(),
  table_id: z.string(),
  table_type: z.enum(['MANAGED', 'VIEW', 'STREAMING_TABLE', 'MATERIALIZED_VIEW']),
  data_source_format: z.literal('DELTA').optional(),
  columns: z.array(UcColumn).optional(),
  storage_location: z.string().optional(),
  view_definition: z.string().optional(),
  properties: z.record(z.string(), z.string()).optional(),
  pipeline_id: z.string().optional(),
  ...Stamps,
});
export type UcTable = z.infer<typeof UcTable>;

export const UcVolume = z.object({
  name: z.string(),
  catalog_name: z.string(),
  schema_name: z.string(),
  full_name: z.string(),
  volume_id: z.string(),
  volume_type: z.literal('MANAGED'),
  storage_location: z.string(),
  ...Stamps,
});
export type UcVolume = z.infer<typeof UcVolume>;

const Name = z.string().min(1).max(255);
const FullName = z.object({ full_name: z.string().min(1) });
const Nothing = z.strictObject({});
/** True changes nothing where the caller has BROWSE: metadata is visible anyway. */
const browse = { include_browse: QueryBoolean.optional() };
const paged = { ...PageQuery, ...browse };

export const listCatalogs = defineRoute({
  method: 'GET',
  path: `${base}/catalogs`,
  summary: 'Lists catalogs',
  area,
  needs: 'Lists what the caller may see',
  query: z.strictObject({ ...paged, include_unbound: QueryBoolean.optional() }),
  response: z.object({ catalogs: z.array(UcCatalog), next_page_token: z.string().optional() }),
});
export const createCatalog = defineRoute({
  method: 'POST',
  path: `${base}/catalogs`,
  summary: 'Creates a catalog',
  area,
  needs: 'CREATE CATALOG on the metastore',
  body: z.strictObject({ name: Name, comment: z.string().optional() }),
  response: UcCatalog,
});
export const getCatalog = defineRoute({
  method: 'GET',
  path: `${base}/catalogs/{full_name}`,
  summary: 'Gets a catalog',
  area,
  needs: 'BROWSE or USE CATALOG, or a grant inside',
  params: FullName,
  query: z.strictObject(browse),
  response: UcCatalog,
});
export const updateCatalog = defineRoute({
  method: 'PATCH',
  path: `${base}/catalogs/{full_name}`,
  summary: 'Changes comment or owner of a catalog',
  area,
  needs: 'MANAGE on the catalog',
  params: FullName,
  body: z.strictObject({ comment: z.string().optional(), owner: z.string().optional(), new_name: Name.optional() }),
  response: UcCatalog,
});
export const deleteCatalog = defineRoute({
  method: 'DELETE',
  path: `${base}/catalogs/{full_name}`,
  summary: 'Drops a catalog',
  area,
  needs: 'MANAGE on the catalog',
  params: FullName,
  query: z.strictObject({ force: QueryBoolean.optional() }),
  response: z.object({}),
});

export const listSchemas = defineRoute({
  method: 'GET',
  path: `${base}/schemas`,
  summary: 'Lists the schemas of a catalog',
  area,
  needs: 'Lists what the caller may see',
  query: z.strictObject({ catalog_name: Name, ...paged }),
  response: z.object({ schemas: z.array(UcSchema), next_page_token: z.string().optional() }),
});
export const createSchema = defineRoute({
  method: 'POST',
  path: `${base}/schemas`,
  summary: 'Creates a schema',
  area,
  needs: 'USE CATALOG and CREATE SCHEMA on the catalog',
  body: z.strictObject({
    name: Name,
    catalog_name: Name,
    comment: z.string().optional(),
    properties: z.record(z.string(), z.string()).optional(),
  }),
  response: UcSchema,
});
export const getSchema = defineRoute({
  method: 'GET',
  path: `${base}/schemas/{full_name}`,
  summary: 'Gets a schema',
  area,
  needs: 'BROWSE or USE SCHEMA, or a grant inside',
  params: FullName,
  query: z.strictObject(browse),
  response: UcSchema,
});
export const updateSchema = defineRoute({
  method: 'PATCH',
  path: `${base}/schemas/{full_name}`,
  summary: 'Changes comment, owner, name or properties of a schema',
  area,
  needs: 'MANAGE on the schema',
  params: FullName,
  body: z.strictObject({
    comment: z.string().optional(),
    owner: z.string().optional(),
    new_name: Name.optional(),
    properties: z.record(z.string(), z.string()).optional(),
  }),
  response: UcSchema,
});
export const deleteSchema = defineRoute({
  method: 'DELETE',
  path: `${base}/schemas/{full_name}`,
  summary: 'Drops a schema',
  area,
  needs: 'MANAGE on the schema',
  params: FullName,
  query: z.strictObject({ force: QueryBoolean.optional() }),
  response: z.object({}),
});

const inSchema = { catalog_name: Name, schema_name: Name };
export const listTables = defineRoute({
  method: 'GET',
  path: `${base}/tables`,
  summary: 'Lists tables and views of a schema',
  area,
  needs: 'Lists what the caller may see',
  query: z.strictObject({
    ...inSchema,
    ...paged,
    omit_columns: QueryBoolean.optional(),
    omit_properties: QueryBoolean.optional(),
    omit_username: QueryBoolean.optional(),
  }),
  response: z.object({
    tables: z.array(UcTable.extend({ owner: z.string().optional() })),
    next_page_token: z.string().optional(),
  }),
});
export const listTableSummaries = defineRoute({
  method: 'GET',
  path: `${base}/table-summaries`,
  summary: 'Lists names and kinds of tables',
  area,
  needs: 'Lists what the caller may see',
  query: z.strictObject({
    catalog_name: Name,
    schema_name_pattern: z.string().optional(),
    table_name_pattern: z.string().optional(),
    ...PageQuery,
  }),
  response: z.object({
    tables: z.array(z.object({ full_name: z.string(), table_type: UcTable.shape.table_type })),
    next_page_token: z.string().optional(),
  }),
});
export const createTable = defineRoute({
  method: 'POST',
  path: `${base}/tables`,
  summary: 'Creates an empty managed Delta table',
  area,
  needs: 'USE CATALOG, USE SCHEMA and CREATE TABLE',
  body: z.strictObject({
    ...inSchema,
    name: Name,
    table_type: z.literal('MANAGED'),
    data_source_format: z.literal('DELTA'),
    columns: z
      .array(
        z.strictObject({
          name: Name,
          type_text: z.string().min(1),
          type_name: UcTypeName.optional(),
          type_json: z.string().optional(),
          position: z.number().int().optional(),
          nullable: z.boolean().optional(),
          comment: z.string().optional(),
          type_precision: z.number().int().optional(),
          type_scale: z.number().int().optional(),
          partition_index: z.number().int().min(0).optional(),
        }),
      )
      .min(1),
    comment: z.string().optional(),
    properties: z.record(z.string(), z.string()).optional(),
    /** SDKs send it empty for managed tables. */
    storage_location: z.literal('').optional(),
  }),
  response: UcTable,
});
export const getTable = defineRoute({
  method: 'GET',
  path: `${base}/tables/{full_name}`,
  summary: 'Gets a table or view with its columns',
  area,
  needs: 'BROWSE, SELECT or another grant on the table',
  params: FullName,
  query: z.strictObject(browse),
  response: UcTable,
});
export const tableExists = defineRoute({
  method: 'GET',
  path: `${base}/tables/{full_name}/exists`,
  summary: 'Says whether a table exists for the caller',
  area,
  needs: 'Nothing: what the caller may not see does not exist',
  params: FullName,
  response: z.object({ table_exists: z.boolean() }),
});
export const updateTable = defineRoute({
  method: 'PATCH',
  path: `${base}/tables/{full_name}`,
  summary: 'Changes owner or comment of a table',
  area,
  needs: 'MANAGE on the table',
  params: FullName,
  body: z.strictObject({ owner: z.string().optional(), comment: z.string().optional() }),
  response: UcTable,
});
export const deleteTable = defineRoute({
  method: 'DELETE',
  path: `${base}/tables/{full_name}`,
  summary: 'Drops a table or view',
  area,
  needs: 'MANAGE on the table',
  params: FullName,
  response: z.object({}),
});

export const listVolumes = defineRoute({
  method: 'GET',
  path: `${base}/volumes`,
  summary: 'Lists the volumes of a schema',
  area,
  needs: 'Lists what the caller may see',
  query: z.strictObject({ ...inSchema, ...paged }),
  response: z.object({ volumes: z.array(UcVolume), next_page_token: z.string().optional() }),
});
export const createVolume = defineRoute({
  method: 'POST',
  path: `${base}/volumes`,
  summary: 'Creates a managed volume',
  area,
  needs: 'USE CATALOG, USE SCHEMA and CREATE VOLUME',
  body: z.strictObject({ ...inSchema, name: Name, volume_type: z.literal('MANAGED'), comment: z.string().optional() }),
  response: UcVolume,
});
export const getVolume = defineRoute({
  method: 'GET',
  path: `${base}/volumes/{full_name}`,
  summary: 'Gets a volume',
  area,
  needs: 'BROWSE, READ VOLUME or another grant on the volume',
  params: FullName,
  query: z.strictObject(browse),
  response: UcVolume,
});
export const updateVolume = defineRoute({
  method: 'PATCH',
  path: `${base}/volumes/{full_name}`,
  summary: 'Changes comment, owner or name of a volume',
  area,
  needs: 'MANAGE on the volume',
  params: FullName,
  body: z.strictObject({ comment: z.string().optional(), owner: z.string().optional(), new_name: Name.optional() }),
  response: UcVolume,
});
export const deleteVolume = defineRoute({
  method: 'DELETE',
  path: `${base}/volumes/{full_name}`,
  summary: 'Drops a volume and its files',
  area,
  needs: 'MANAGE on the volume',
  params: FullName,
  body: Nothing.optional(),
  response: z.object({}),
});

export const metastoreAssignment = defineRoute({
  method: 'GET',
  path: `${base}/current-metastore-assignment`,
  summary: 'The metastore of this workspace',
  area,
  needs: 'Any member',
  response: z.object({ workspace_id: z.number(), metastore_id: z.string(), default_catalog_name: z.string() }),
});
export const metastoreSummary = defineRoute({
  method: 'GET',
  path: `${base}/metastore_summary`,
  summary: 'The metastore of this workspace in short',
  area,
  needs: 'Any member',
  response: z.object({
    metastore_id: z.string(),
    name: z.string(),
    default_data_access_config_id: z.string(),
    cloud: z.string(),
    region: z.string(),
    privilege_model_version: z.string(),
  }),
});
