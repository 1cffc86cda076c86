import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { isWidened } from '../schema/widening.ts';

interface Schema {
  fields: readonly DeltaField[];
  configuration: Readonly<Record<string, string>>;
}

/**
 * Whether rows written under `older` can be shown by the columns of `read`: columns may have been added since, at any depth,
 * but none dropped, renamed (another physical name), retyped (but by widening, which scans cast) or made NOT NULL. Null where they can, else the column's name.
 */
export function incompatibleColumn(older: Schema, read: Schema): string | null {
  const olderMode = mappingMode(older.configuration);
  const readMode = mappingMode(read.configuration);
  const same = (left: DeltaField, right: DeltaField) =>
    // A table that gets column mapping keeps its names as physical ones.
    physicalName(left, olderMode) === physicalName(right, readMode) &&
    left.name.toLowerCase() === right.name.toLowerCase();

  const inFields = (left: readonly DeltaField[], right: readonly DeltaField[], prefix: string): string | null => {
    for (const field of left) {
      const name = prefix + field.name;
      const found = right.find((candidate) => same(field, candidate));
      if (!found || (field.nullable && !found.nullable)) return name;
      const inner = inTypes(field.type, found.type, name, isWidened(found));
      if (inner !== null) return inner;
    }
    return null;
  };
  const inTypes = (left: DeltaType, right: DeltaType, name: string, widened: boolean): string | null => {
    if (left.kind === 'leaf' && right.kind === 'leaf')
      return widened || JSON.stringify(left.type) === JSON.stringify(right.type) ? null : name;
    if (left.kind === 'struct' && right.kind === 'struct') return inFields(left.fields, right.fields, `${name}.`);
    if (left.kind === 'array' && right.kind === 'array')
      return inTypes(left.element, right.element, `${name}.element`, widened);
    if (left.kind === 'map' && right.kind === 'map')
      return (
        inTypes(left.key, right.key, `${name}.key`, widened) ??
        inTypes(left.value, right.value, `${name}.value`, widened)
      );
    return name;
  };
  return inFields(older.fields, read.fields, '');
}
