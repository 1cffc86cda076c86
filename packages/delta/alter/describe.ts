import { joinPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';
import { storedTypeName } from '../schema/widening-types.ts';

/** A column as Spark's `commitInfo` tells it. */
export const describedField = (field: DeltaField, path: readonly string[]): Record<string, unknown> => ({
  name: joinPath(path),
  type: field.type.kind === 'leaf' ? storedTypeName(field.type.type) : field.type.kind,
  nullable: field.nullable,
  metadata: Object.fromEntries(
    Object.entries(field.metadata).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  ),
});
