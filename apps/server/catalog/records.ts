import { type CatalogTable, type CatalogVolume, Column, TableKind } from '@boathouse/contracts';
import { z } from 'zod';

/** Rows of the catalog as PostgreSQL's `to_jsonb` gives them, read once at the border. Times become milliseconds. */
const time = z.string().transform((text) => Date.parse(text));
const properties = z.record(z.string(), z.string());

const named = {
  id: z.string(),
  name: z.string(),
  comment: z.string().nullable(),
  ownerId: z.string(),
  createdAt: time,
  updatedAt: time,
};

export const CatalogRecord = z.object({ ...named, workspaceId: z.string() });
export type CatalogRecord = z.infer<typeof CatalogRecord>;

export const SchemaRecord = z.object({ ...named, catalogId: z.string(), properties });
export type SchemaRecord = z.infer<typeof SchemaRecord>;

export const TableRecord = z.object({
  ...named,
  schemaId: z.string(),
  kind: TableKind,
  state: z.enum(['reserved', 'published']),
  leaseUntil: time.nullable(),
  leaseRunId: z.string().nullable(),
  columns: z.array(Column),
  partitionColumns: z.array(z.string()),
  properties,
  location: z.string().nullable(),
  viewText: z.string().nullable(),
  viewCatalog: z.string().nullable(),
  viewSchema: z.string().nullable(),
  version: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  fileCount: z.number().nullable(),
  rowCount: z.number().nullable(),
  pipelineId: z.string().nullable(),
  createdBy: z.string().nullable(),
});
export type TableRecord = z.infer<typeof TableRecord>;

export const VolumeRecord = z.object({ ...named, schemaId: z.string(), location: z.string() });
export type VolumeRecord = z.infer<typeof VolumeRecord>;

/** What is held back by CREATE OR REPLACE until its commit. */
export const PendingReplace = z.object({
  runId: z.string(),
  comment: z.string().nullable(),
  properties,
  partitionColumns: z.array(z.string()),
});
export type PendingReplace = z.infer<typeof PendingReplace>;

export function toCatalogTable(catalog: string, schema: string, table: TableRecord, owner: string): CatalogTable {
  return {
    id: table.id,
    catalog,
    schema,
    name: table.name,
    kind: table.kind,
    columns: table.columns,
    partitionColumns: table.partitionColumns,
    properties: table.properties,
    ...(table.comment === null ? {} : { comment: table.comment }),
    ownerId: table.ownerId,
    owner,
    createdAtMs: table.createdAt,
    ...(table.location === null ? {} : { location: table.location }),
    ...(table.viewText === null ? {} : { viewText: table.viewText }),
    ...(table.viewCatalog === null ? {} : { viewCatalog: table.viewCatalog }),
    ...(table.viewSchema === null ? {} : { viewSchema: table.viewSchema }),
  };
}

export const toCatalogVolume = (
  catalog: string,
  schema: string,
  volume: VolumeRecord,
  owner: string,
): CatalogVolume => ({
  id: volume.id,
  catalog,
  schema,
  name: volume.name,
  ...(volume.comment === null ? {} : { comment: volume.comment }),
  ownerId: volume.ownerId,
  owner,
  location: volume.location,
});
