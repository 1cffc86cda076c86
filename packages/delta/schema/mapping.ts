import type { DeltaField } from './types.ts';

/** PROTOCOL.md "Column Mapping": names in files, statistics and partition values differ from those that people see. */
export type MappingMode = 'none' | 'name' | 'id';

export function mappingMode(configuration: Readonly<Record<string, string>>): MappingMode {
  const mode = configuration['delta.columnMapping.mode'];
  return mode === 'name' || mode === 'id' ? mode : 'none';
}

type Named = Pick<DeltaField, 'name' | 'metadata'>;

export function physicalName(field: Named, mode: MappingMode): string {
  const name = field.metadata['delta.columnMapping.physicalName'];
  return mode !== 'none' && typeof name === 'string' ? name : field.name;
}

/** The field id in Parquet files of `id` mode, or null where the schema has none. */
export function fieldId(field: Named): number | null {
  const id = field.metadata['delta.columnMapping.id'];
  return typeof id === 'number' ? id : null;
}
