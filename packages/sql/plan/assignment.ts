import type { Column, DataType, PlanAssignment, StructField } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import type { Context } from '../analyse/context.ts';
import { fail, quotedName, type Range } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { holdsAggregate, holdsWindow } from '../analyse/inspect.ts';
import type { Typed } from '../analyse/typed.ts';
import type { Assignment, Expression, Name } from '../ast/index.ts';
import { ident, join, type Sql, sql } from '../emit/text.ts';
import { engineType } from '../types/index.ts';
import { partsOf } from './names.ts';
import { defaultValue, isDefault, storedText, type Target } from './target.ts';

/** What was assigned below a column: a value, or fields of its struct. */
interface Change {
  range: Range;
  value?: Sql;
  fields: Map<string, Change>;
}

/**
 * `SET a = 1, s.b = 2`: one value a top-level column. Fields are set by building their struct anew around them. Throws
 * DELTA_CONFLICT_SET_COLUMN where two assignments meet, and `unresolved` where the column is not of the target. `columns`:
 * the target's, with those that schema evolution adds.
 */
export function assignments(
  nodes: readonly Assignment[],
  target: Target,
  context: Context,
  unresolved: (name: Name) => Error,
  columns: readonly Column[] = target.table.columns,
): PlanAssignment[] {
  const changes = new Map<string, Change>();
  for (const node of nodes) {
    const path = pathInTarget(node.target, target, columns, unresolved);
    const leaf = leafOf(columns, path, () => unresolved(node.target));
    if (path.length === 1 && leaf.identity)
      throw fail(
        'DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED',
        `The identity column ${quotedName([leaf.name])} cannot be updated. Leave it out.`,
        node.range,
      );
    note(changes, path, valueText(node.value, leaf, context), node.target.range);
  }
  return columns.flatMap((column): PlanAssignment[] => {
    const change = changes.get(column.name.toLowerCase());
    if (!change) return [];
    const type = parseType(column.type);
    return [{ column: column.name, value: rebuilt(sql`target.${ident(column.name)}`, type, change) }];
  });
}

/** An expression of SET or VALUES as the column stores it. */
export function valueText(node: Expression, column: Column, context: Context): Sql {
  refuseAggregates(node, context.clause);
  const { state } = context;
  const value: Typed = isDefault(node) ? defaultValue(column, state, node.range) : analyse(node, context);
  return storedText(byFieldName(value, parseType(column.type)), column, state, node.range);
}

/** UPDATE and MERGE match the fields of a struct by their names: the value with its fields in the column's order. */
export function byFieldName(value: Typed, to: DataType): Typed {
  const { type } = value;
  if (type.kind !== 'struct' || to.kind !== 'struct') return value;
  const found = to.fields.map((field) =>
    type.fields.find((candidate) => candidate.name.toLowerCase() === field.name.toLowerCase()),
  );
  const isSame = found.every((field, index) => field === type.fields[index] && field?.type.kind !== 'struct');
  if (isSame || found.length !== type.fields.length) return value;
  const fields: StructField[] = [];
  const items: Sql[] = [];
  for (const [index, field] of found.entries()) {
    if (!field) return value;
    const inner = { ...value, type: field.type, sql: sql`(${value.sql}).${ident(field.name)}` };
    const ordered = byFieldName(inner, to.fields[index]!.type);
    fields.push({ ...field, type: ordered.type });
    items.push(sql`${ident(field.name)} := ${ordered.sql}`);
  }
  const whole = sql`(CASE WHEN ${value.sql} IS NOT NULL THEN struct_pack(${join(items, ', ')}) END)`;
  return { ...value, type: { kind: 'struct', fields }, sql: whole };
}

export function refuseAggregates(node: Expression, clause: string): void {
  if (holdsAggregate(node) || holdsWindow(node))
    throw fail(
      'UNSUPPORTED_EXPR_FOR_OPERATOR',
      `${clause} cannot hold an aggregate or window function. Compute it in a subquery or in the source.`,
      node.range,
    );
}

/** The parts of the name behind the target's own qualifier. */
function pathInTarget(
  name: Name,
  target: Target,
  columns: readonly Column[],
  unresolved: (name: Name) => Error,
): string[] {
  const parts = partsOf(name);
  const qualifier = target.columns[0]?.qualifier ?? [];
  const isColumn = (part: string | undefined) =>
    columns.some((column) => column.name.toLowerCase() === part?.toLowerCase());
  for (let length = Math.min(parts.length - 1, qualifier.length); length > 0; length--) {
    const written = parts.slice(0, length).map((part) => part.toLowerCase());
    const tail = qualifier.slice(-length).map((part) => part.toLowerCase());
    if (written.every((part, index) => part === tail[index]) && isColumn(parts[length])) return parts.slice(length);
  }
  if (isColumn(parts[0])) return parts;
  throw unresolved(name);
}

/** The column, or the field as if it were one. */
function leafOf(columns: readonly Column[], path: readonly string[], missing: () => Error): Column {
  const [first, ...rest] = path;
  const column = columns.find((candidate) => candidate.name.toLowerCase() === first!.toLowerCase());
  if (!column) throw missing();
  if (!rest.length) return column;
  const type = parseType(column.type);
  if (type.kind !== 'struct') throw missing();
  const fields = type.fields.map(
    (field): Column => ({ name: field.name, type: typeText(field.type), nullable: field.nullable }),
  );
  return leafOf(fields, rest, missing);
}

function note(changes: Map<string, Change>, path: readonly string[], value: Sql, range: Range): void {
  const conflict = () =>
    fail(
      'DELTA_CONFLICT_SET_COLUMN',
      `There is more than one assignment to ${quotedName(path)} or to a part of it. Keep one.`,
      range,
    );
  let level = changes;
  for (const [index, part] of path.entries()) {
    const key = part.toLowerCase();
    const isLast = index === path.length - 1;
    const before = level.get(key);
    if (before && (isLast || before.value)) throw conflict();
    const change: Change = before ?? { range, fields: new Map() };
    if (isLast) change.value = value;
    level.set(key, change);
    level = change.fields;
  }
}

function rebuilt(current: Sql, type: DataType, change: Change): Sql {
  if (change.value) return change.value;
  if (type.kind !== 'struct') return current;
  const fields = type.fields.map((field) => {
    const inner = sql`(${current}).${ident(field.name)}`;
    const changed = change.fields.get(field.name.toLowerCase());
    return sql`${ident(field.name)} := ${changed ? rebuilt(inner, field.type, changed) : inner}`;
  });
  return sql`CAST(struct_pack(${join(fields, ', ')}) AS ${engineType(type)})`;
}
