import { pathToFileURL } from 'node:url';
import {
  type Column,
  type ObjectStore,
  parseType,
  type UcCatalog,
  type UcColumn,
  type UcSchema,
  type UcTable,
  type UcVolume,
} from '@boathouse/contracts';
import type { CatalogRecord, SchemaRecord, TableRecord, VolumeRecord } from './records.ts';
import { sparkTypeJson, ucTypeName } from './spark-type.ts';

/** The catalog's records in the shapes of Unity Catalog's API. */
export interface PresentOptions {
  workspaceId: string;
  store: Pick<ObjectStore, 'uri'>;
}
type Owned<T> = T & { owner: string };

const stamps = (options: PresentOptions, it: Owned<Pick<CatalogRecord, 'comment' | 'createdAt' | 'updatedAt'>>) => ({
  ...(it.comment === null ? {} : { comment: it.comment }),
  owner: it.owner,
  created_at: it.createdAt,
  updated_at: it.updatedAt,
  metastore_id: options.workspaceId,
});

/** Where the files lie, as a URL that other engines on this machine open. */
function location(options: PresentOptions, key: string): string {
  const uri = options.store.uri(key.replace(/\/$/, ''));
  return uri.includes('://') ? uri : pathToFileURL(uri).href;
}

export const presentCatalog = (options: PresentOptions, it: Owned<CatalogRecord>): UcCatalog => ({
  name: it.name,
  full_name: it.name,
  id: it.id,
  catalog_type: 'MANAGED_CATALOG',
  securable_type: 'CATALOG',
  isolation_mode: 'OPEN',
  ...stamps(options, it),
});

export const presentSchema = (options: PresentOptions, catalog: string, it: Owned<SchemaRecord>): UcSchema => ({
  name: it.name,
  catalog_name: catalog,
  full_name: `${catalog}.${it.name}`,
  schema_id: it.id,
  catalog_type: 'MANAGED_CATALOG',
  properties: it.properties,
  ...stamps(options, it),
});

export const presentTable = (
  options: PresentOptions,
  catalog: string,
  schema: string,
  it: Owned<TableRecord>,
): UcTable => ({
  name: it.name,
  catalog_name: catalog,
  schema_name: schema,
  full_name: `${catalog}.${schema}.${it.name}`,
  table_id: it.id,
  table_type: it.kind,
  ...(it.kind === 'VIEW' ? {} : { data_source_format: 'DELTA' as const }),
  columns: it.columns.map((column, index) => presentColumn(column, index, it.partitionColumns)),
  ...(it.location === null ? {} : { storage_location: location(options, it.location) }),
  ...(it.viewText === null ? {} : { view_definition: it.viewText }),
  properties: it.properties,
  ...(it.pipelineId === null ? {} : { pipeline_id: it.pipelineId }),
  ...stamps(options, it),
});

export const presentVolume = (
  options: PresentOptions,
  catalog: string,
  schema: string,
  it: Owned<VolumeRecord>,
): UcVolume => ({
  name: it.name,
  catalog_name: catalog,
  schema_name: schema,
  full_name: `${catalog}.${schema}.${it.name}`,
  volume_id: it.id,
  volume_type: 'MANAGED',
  storage_location: location(options, it.location),
  ...stamps(options, it),
});

function presentColumn(column: Column, position: number, partitionColumns: readonly string[]): UcColumn {
  const type = parseType(column.type);
  const metadata = column.comment === undefined ? {} : { comment: column.comment };
  const partition = partitionColumns.findIndex((it) => it.toLowerCase() === column.name.toLowerCase());
  return {
    name: column.name,
    type_text: column.type,
    type_name: ucTypeName(type),
    type_json: JSON.stringify({ name: column.name, type: sparkTypeJson(type), nullable: column.nullable, metadata }),
    position,
    nullable: column.nullable,
    ...(column.comment === undefined ? {} : { comment: column.comment }),
    type_precision: type.kind === 'decimal' ? type.precision : 0,
    type_scale: type.kind === 'decimal' ? type.scale : 0,
    ...(partition < 0 ? {} : { partition_index: partition }),
  };
}
