import type { DeltaField, DeltaType } from './types.ts';

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

const ID = 'delta.columnMapping.id';
const PHYSICAL_NAME = 'delta.columnMapping.physicalName';
const NESTED_IDS = 'delta.columnMapping.nested.ids';
export const MAX_COLUMN_ID = 'delta.columnMapping.maxColumnId';

export interface Assignment {
  /** Highest id given out before; ids are never used again. */
  maxId: number;
  /** The physical name of a column that has none: a fresh one, or its own where files with that name are there. */
  nameFor: (field: DeltaField) => string;
  /** IcebergCompatV2 gives ids to elements, keys and values too. */
  nested: boolean;
}

/** Gives every field at any depth that lacks them an id and a physical name. What is there stays. */
export function withMapping(
  fields: readonly DeltaField[],
  assignment: Assignment,
): { fields: DeltaField[]; maxId: number } {
  let maxId = fields.reduce((max, field) => Math.max(max, highestId(field)), assignment.maxId);
  const next = () => ++maxId;
  const assign = (field: DeltaField): DeltaField => {
    const { [ID]: id, [PHYSICAL_NAME]: physical, ...rest } = field.metadata;
    const metadata: Record<string, unknown> = {
      ...rest,
      [ID]: typeof id === 'number' ? id : next(),
      [PHYSICAL_NAME]: typeof physical === 'string' ? physical : assignment.nameFor(field),
    };
    const type = assignType(field.type);
    if (assignment.nested) {
      const known = field.metadata[NESTED_IDS];
      const ids: Record<string, unknown> = known !== null && typeof known === 'object' ? { ...known } : {};
      for (const path of nestedPaths(type, String(metadata[PHYSICAL_NAME]))) ids[path] ??= next();
      if (Object.keys(ids).length) metadata[NESTED_IDS] = ids;
    }
    return { ...field, type, metadata };
  };
  const assignType = (type: DeltaType): DeltaType => {
    switch (type.kind) {
      case 'leaf':
        return type;
      case 'struct':
        return { ...type, fields: type.fields.map(assign) };
      case 'array':
        return { ...type, element: assignType(type.element) };
      case 'map':
        return { ...type, key: assignType(type.key), value: assignType(type.value) };
    }
  };
  return { fields: fields.map(assign), maxId };
}

/** Paths of list elements and map entries below a field, as far as no struct lies between. */
function nestedPaths(type: DeltaType, path: string): string[] {
  switch (type.kind) {
    case 'array':
      return [`${path}.element`, ...nestedPaths(type.element, `${path}.element`)];
    case 'map':
      return [
        `${path}.key`,
        `${path}.value`,
        ...nestedPaths(type.key, `${path}.key`),
        ...nestedPaths(type.value, `${path}.value`),
      ];
    default:
      return [];
  }
}

function highestId(field: DeltaField): number {
  const nested = field.metadata[NESTED_IDS];
  const ids = nested !== null && typeof nested === 'object' ? Object.values(nested).map(Number) : [];
  return Math.max(fieldId(field) ?? 0, ...ids, highestIn(field.type));
}
function highestIn(type: DeltaType): number {
  switch (type.kind) {
    case 'leaf':
      return 0;
    case 'struct':
      return Math.max(0, ...type.fields.map(highestId));
    case 'array':
      return highestIn(type.element);
    case 'map':
      return Math.max(highestIn(type.key), highestIn(type.value));
  }
}

/** Fields without ids and physical names: the schema as people write it. */
export function withoutMapping(fields: readonly DeltaField[]): DeltaField[] {
  const strip = (type: DeltaType): DeltaType => {
    switch (type.kind) {
      case 'leaf':
        return type;
      case 'struct':
        return { ...type, fields: withoutMapping(type.fields) };
      case 'array':
        return { ...type, element: strip(type.element) };
      case 'map':
        return { ...type, key: strip(type.key), value: strip(type.value) };
    }
  };
  return fields.map((field) => {
    const { [ID]: _id, [PHYSICAL_NAME]: _name, [NESTED_IDS]: _nested, ...metadata } = field.metadata;
    return { ...field, type: strip(field.type), metadata };
  });
}
