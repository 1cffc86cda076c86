import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';
import { ident, join, sql } from '../emit/text.ts';

/** Whether the engine orders values of a type otherwise than Spark: inside arrays and structs it puts NULL last. */
export const needsOrderKey = (type: DataType): boolean => type.kind === 'array' || type.kind === 'struct';

/**
 * Text that the engine orders as Spark orders the value: each part of an array or struct stands behind a flag that says
 * whether it is there. A NULL stays NULL. `depth` numbers the lambda variables, so that nested ones do not hide each other.
 */
export function orderKey(value: Sql, type: DataType, depth = 0): Sql {
  const item = `__k${depth}`;
  if (type.kind === 'array') {
    const part = sql`struct_pack(p := ${item} IS NOT NULL, v := ${orderKey([item], type.element, depth + 1)})`;
    return sql`list_transform(${value}, lambda ${item}: ${part})`;
  }
  if (type.kind !== 'struct') return value;
  const parts = type.fields.map((field, index) => {
    const text: Sql = [`${item}.${ident(field.name)}`];
    return sql`p${index} := ${text} IS NOT NULL, v${index} := ${orderKey(text, field.type, depth + 1)}`;
  });
  const packed = parts.length ? sql`struct_pack(${join(parts, ', ')})` : sql`TRUE`;
  return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE ${packed} END)[1]`;
}
