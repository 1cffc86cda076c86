import type { SimpleKind } from '@boathouse/contracts';
import { engineType, identifier } from '../schema/engine.ts';
import { type MappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';

/** From what lies in a file to what the table's schema says: physical names become logical, naive times become instants. */

export function hasLeaf(type: DeltaType, kind: SimpleKind): boolean {
  switch (type.kind) {
    case 'leaf':
      return type.type.kind === kind;
    case 'array':
      return hasLeaf(type.element, kind);
    case 'map':
      return hasLeaf(type.key, kind) || hasLeaf(type.value, kind);
    case 'struct':
      return type.fields.some((field) => hasLeaf(field.type, kind));
  }
}

/** Timestamps of naive files (INT96) are read as they are: a cast to an instant would use the session's zone. */
function naiveType(type: DeltaType): DeltaType {
  switch (type.kind) {
    case 'leaf':
      return type.type.kind === 'timestamp' ? { kind: 'leaf', type: { kind: 'timestamp_ntz' } } : type;
    case 'array':
      return { ...type, element: naiveType(type.element) };
    case 'map':
      return { ...type, key: naiveType(type.key), value: naiveType(type.value) };
    case 'struct':
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: naiveType(field.type) })) };
  }
}

/** The type that the scan asks of the file, by physical names. */
export const scanType = (field: DeltaField, mode: MappingMode, isNaive: boolean): string =>
  engineType(isNaive ? naiveType(field.type) : field.type, field.name, (inner) => physicalName(inner, mode));

const needsWork = (type: DeltaType, mode: MappingMode, isNaive: boolean): boolean => {
  switch (type.kind) {
    case 'leaf':
      return isNaive && type.type.kind === 'timestamp';
    case 'array':
      return needsWork(type.element, mode, isNaive);
    case 'map':
      return needsWork(type.key, mode, isNaive) || needsWork(type.value, mode, isNaive);
    case 'struct':
      return type.fields.some(
        (field) => physicalName(field, mode) !== field.name || needsWork(field.type, mode, isNaive),
      );
  }
};

/** Engine expression over a scanned value. Lambda parameters are numbered by depth, so that none hides another. */
export function projection(value: string, type: DeltaType, mode: MappingMode, isNaive: boolean, depth = 0): string {
  if (!needsWork(type, mode, isNaive)) return value;
  const item = `v${depth}`;
  const inner = (expression: string, innerType: DeltaType) =>
    projection(expression, innerType, mode, isNaive, depth + 1);
  switch (type.kind) {
    case 'leaf':
      return `timezone('UTC', ${value})`;
    case 'array':
      return `list_transform(${value}, lambda ${item}: ${inner(item, type.element)})`;
    case 'map':
      return `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: {'key': ${inner(`${item}.key`, type.key)}, 'value': ${inner(`${item}.value`, type.value)}}))`;
    case 'struct': {
      const fields = type.fields.map(
        (field) =>
          `${identifier(field.name)} := ${inner(`(${value}).${identifier(physicalName(field, mode))}`, field.type)}`,
      );
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
    }
  }
}
