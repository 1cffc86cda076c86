import { identifier } from '../schema/engine.ts';
import { fieldId, type MappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';

/** From the table's schema to what lies in a file: logical names become physical, columns get their field ids. */

/** Void columns lie in no file (PROTOCOL.md "Void Type"), at any depth of structs. */
export const isVoid = (field: DeltaField): boolean => field.type.kind === 'leaf' && field.type.type.kind === 'void';

const needsWork = (type: DeltaType, mode: MappingMode): boolean => {
  switch (type.kind) {
    case 'leaf':
      return type.type.kind === 'variant';
    case 'array':
      return needsWork(type.element, mode);
    case 'map':
      return needsWork(type.key, mode) || needsWork(type.value, mode);
    case 'struct':
      return type.fields.some(
        (field) => isVoid(field) || physicalName(field, mode) !== field.name || needsWork(field.type, mode),
      );
  }
};

/** Engine expression of a logical value as it is stored. Lambda parameters are numbered by depth, so that none hides another. */
export function storedValue(value: string, type: DeltaType, mode: MappingMode, depth = 0): string {
  if (!needsWork(type, mode)) return value;
  const item = `w${depth}`;
  const inner = (expression: string, innerType: DeltaType) => storedValue(expression, innerType, mode, depth + 1);
  switch (type.kind) {
    case 'leaf':
      // Whole, not shredded: that would need the feature variantShredding of every reader.
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE variant_to_parquet_variant(${value}) END`;
    case 'array':
      return `list_transform(${value}, lambda ${item}: ${inner(item, type.element)})`;
    case 'map':
      return `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: {'key': ${inner(`${item}.key`, type.key)}, 'value': ${inner(`${item}.value`, type.value)}}))`;
    case 'struct': {
      const fields = type.fields
        .filter((field) => !isVoid(field))
        .map(
          (field) =>
            `${identifier(physicalName(field, mode))} := ${inner(`(${value}).${identifier(field.name)}`, field.type)}`,
        );
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
    }
  }
}

/**
 * The engine's FIELD_IDS option, or null where the schema has no ids. Columns outside of the schema get none. Ids of list
 * elements and map entries lie in the nearest struct field's `delta.columnMapping.nested.ids` by path, where there are any.
 */
export function fieldIds(fields: readonly DeltaField[], mode: MappingMode): string | null {
  if (mode === 'none') return null;
  const entries = fields.flatMap((field) => entry(field, mode) ?? []);
  return entries.length ? `{${entries.join(', ')}}` : null;
}

function entry(field: DeltaField, mode: MappingMode): string | null {
  const id = fieldId(field);
  if (id === null) return null;
  const physical = physicalName(field, mode);
  return `${identifier(physical)}: ${idsOf(field.type, id, physical, nestedIds(field), mode)}`;
}

function idsOf(
  type: DeltaType,
  id: number | null,
  path: string,
  nested: Readonly<Record<string, unknown>>,
  mode: MappingMode,
): string {
  const own = id === null ? [] : [`__duckdb_field_id: ${id}`];
  const child = (name: string, childType: DeltaType): string[] => {
    const at = `${path}.${name}`;
    const found = nested[at];
    const value = idsOf(childType, typeof found === 'number' ? found : null, at, nested, mode);
    return value === '{}' ? [] : [`${name}: ${value}`];
  };
  switch (type.kind) {
    case 'leaf':
      return id === null ? '{}' : String(id);
    case 'array':
      return `{${[...own, ...child('element', type.element)].join(', ')}}`;
    case 'map':
      return `{${[...own, ...child('key', type.key), ...child('value', type.value)].join(', ')}}`;
    case 'struct':
      return `{${[...own, ...type.fields.flatMap((field) => (isVoid(field) ? [] : (entry(field, mode) ?? [])))].join(', ')}}`;
  }
}

function nestedIds(field: DeltaField): Readonly<Record<string, unknown>> {
  const ids = field.metadata['delta.columnMapping.nested.ids'];
  return ids !== null && typeof ids === 'object' ? { ...ids } : {};
}
