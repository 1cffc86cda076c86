import type { ColumnPlace } from '@boathouse/contracts';
import { joinPath } from '../schema/path.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { alterErrors } from './errors.ts';

/**
 * Pure edits of a schema. A column is named by its path; inside of arrays and maps the parts are `element`, `key` and
 * `value`. Names compare without case.
 */
export type Path = readonly string[];

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Applies `edit` to the list of fields at `parent` (empty: the columns themselves). Throws DELTA_COLUMN_NOT_FOUND. */
export function editFields(
  fields: readonly DeltaField[],
  parent: Path,
  edit: (fields: readonly DeltaField[]) => readonly DeltaField[],
): DeltaField[] {
  if (!parent.length) return [...edit(fields)];
  const [first, ...rest] = parent;
  const index = indexOf(fields, first!, parent);
  return fields.map((field, at) =>
    at === index ? { ...field, type: editType(field.type, rest, edit, parent) } : field,
  );
}

function editType(
  type: DeltaType,
  path: Path,
  edit: (fields: readonly DeltaField[]) => readonly DeltaField[],
  whole: Path,
): DeltaType {
  const [first, ...rest] = path;
  switch (type.kind) {
    case 'struct':
      return { ...type, fields: editFields(type.fields, path, edit) };
    case 'array':
      if (first === undefined || !same(first, 'element')) break;
      return { ...type, element: editType(type.element, rest, edit, whole) };
    case 'map':
      if (first !== undefined && same(first, 'key')) return { ...type, key: editType(type.key, rest, edit, whole) };
      if (first !== undefined && same(first, 'value'))
        return { ...type, value: editType(type.value, rest, edit, whole) };
      break;
    case 'leaf':
      break;
  }
  throw alterErrors.notAStruct(joinPath(whole));
}

/** The field at a path, and its own path in the schema's spelling. Throws DELTA_COLUMN_NOT_FOUND. */
export function fieldAt(fields: readonly DeltaField[], path: Path): { field: DeltaField; path: string[] } {
  let found: DeltaField | undefined;
  const spelled: string[] = [];
  editFields(fields, path.slice(0, -1), (siblings) => {
    found = siblings[indexOf(siblings, path.at(-1)!, path)];
    return siblings;
  });
  let inside: readonly DeltaField[] | null = fields;
  for (const part of path) {
    const field: DeltaField | undefined = inside?.find(({ name }) => same(name, part));
    spelled.push(field?.name ?? part.toLowerCase());
    inside = field ? innerFields(field.type) : inside;
  }
  if (!found) throw alterErrors.columnNotFound(joinPath(path), []);
  return { field: found, path: spelled };
}

function innerFields(type: DeltaType): readonly DeltaField[] | null {
  switch (type.kind) {
    case 'struct':
      return type.fields;
    case 'array':
      return innerFields(type.element);
    case 'map':
      return innerFields(type.value) ?? innerFields(type.key);
    case 'leaf':
      return null;
  }
}

export function inserted(
  fields: readonly DeltaField[],
  field: DeltaField,
  place: ColumnPlace | undefined,
): DeltaField[] {
  if (!place) return [...fields, field];
  if (place.at === 'first') return [field, ...fields];
  const index = fields.findIndex(({ name }) => same(name, place.column));
  if (index < 0) throw alterErrors.positionNotFound(place.column);
  return [...fields.slice(0, index + 1), field, ...fields.slice(index + 1)];
}

export function replaced(
  fields: readonly DeltaField[],
  path: Path,
  change: (field: DeltaField) => DeltaField,
): DeltaField[] {
  return editFields(fields, path.slice(0, -1), (siblings) => {
    const index = indexOf(siblings, path.at(-1)!, path);
    return siblings.map((field, at) => (at === index ? change(field) : field));
  });
}

export const hasField = (fields: readonly DeltaField[], name: string): boolean =>
  fields.some((field) => same(field.name, name));

/** `path` or something inside of it. */
export const startsWith = (path: Path, start: Path): boolean =>
  start.every((part, index) => path[index] !== undefined && same(path[index], part));

function indexOf(fields: readonly DeltaField[], name: string, path: Path): number {
  const index = fields.findIndex((field) => same(field.name, name));
  if (index < 0)
    throw alterErrors.columnNotFound(
      joinPath(path),
      fields.map((field) => field.name),
    );
  return index;
}
