import { typeText } from '@boathouse/contracts';
import { type ColumnRef, literalFunctions, type Star } from '../ast/index.ts';
import { ident, join, sql, textKey } from '../emit/text.ts';
import { quickColumn } from '../types/quick.ts';
import { analyseCall } from './call.ts';
import type { Context } from './context.ts';
import { fail, quotedName, type Range, unsupported } from './errors.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { Typed } from './typed.ts';
import { variableTyped } from './variable.ts';

/** A column of a scope as an expression; its name is as the user wrote it. */
export function columnTyped(column: ScopeColumn, name: string): Typed {
  return {
    sql: column.sql,
    type: column.type,
    nullable: column.nullable,
    name,
    named: true,
    qualifier: column.qualifier,
    ...quickColumn(column.sql, column.type),
    ...(column.base ? { column: column.base } : {}),
    ...(column.zero ? { zero: true } : {}),
  };
}

/**
 * Resolves a dotted name. Order: in ORDER BY and HAVING the aliases of the select list, then columns of the query, then
 * aliases of earlier items of the same list, then columns of the queries around, then functions without parentheses.
 */
export function analyseColumn(node: ColumnRef, context: Context): Typed {
  const parts = node.parts.map((part) => part.name);
  if (context.aliasesFirst && !context.insideAggregate) {
    const alias = aliasOf(parts, context, node.range);
    const column = alias && context.clause !== 'ORDER BY' ? columnBeforeAlias(parts, alias, context, node.range) : null;
    if (column || alias) return column ?? alias!;
  }
  if (context.insideAggregate && context.subqueryScope) refuseAliasInAggregate(parts, context, node.range);
  const here = context.scope.resolve(parts, node.range);
  if (here && (here.depth === 0 || here.lambda)) {
    const written = parts[parts.length - here.fields.length - 1]!;
    let typed = columnTyped(here.column, here.lambda ? 'namedlambdavariable()' : written);
    if (context.grouping && !here.lambda)
      typed = context.grouping.match(typed) ?? missingAggregation(typed, context, node.range);
    return withFields(typed, here.fields, node.range);
  }
  const alias = aliasOf(parts, context, node.range);
  if (alias) return { ...alias, name: `lateralAliasReference(${parts.at(-1)!})`, outputName: parts.at(-1)! };
  // A subquery sees the query around it, not the one around that.
  if (here?.depth === 1) {
    const name = parts.at(-1)!;
    if (context.insideAggregate || context.grouping || context.clause === 'GROUP BY') {
      throw fail(
        'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE',
        `The column ${quotedName(parts)} of the outer query cannot stand where the subquery aggregates. Use it in WHERE.`,
        node.range,
      );
    }
    context.outer?.add(name);
    const { column: _base, ...typed } = columnTyped(here.column, name);
    return withFields({ ...typed, foldable: false }, here.fields, node.range);
  }
  if (parts.length === 1 && literalFunctions.has(parts[0]!.toLowerCase()) && !node.parts[0]!.quoted) {
    return analyseCall(
      {
        kind: 'call',
        name: { parts: node.parts, range: node.range },
        args: [],
        named: [],
        distinct: false,
        range: node.range,
      },
      context,
    );
  }
  const variable = variableTyped(parts, context, node.range);
  if (variable) return withFields(variable.typed, variable.fields, node.range);
  if (parts[0]!.toLowerCase() === '_metadata') throw unsupported('The column _metadata', node.range);
  throw context.scope.unresolved(parts, node.range);
}

/**
 * HAVING and QUALIFY with a name that is an alias and a column too. HAVING takes a grouping key before the alias, and the
 * alias before any other column; QUALIFY takes the column. Null where the alias is meant.
 */
function columnBeforeAlias(parts: readonly string[], alias: Typed, context: Context, range: Range): Typed | null {
  const found = context.scope.resolveHere(parts, range);
  if (!found) return null;
  const column = withFields(columnTyped(found.column, found.column.name), found.fields, range);
  const meant = context.grouping ? context.grouping.match(column) : column;
  if (meant && textKey(meant.sql) === textKey(alias.sql)) return null;
  found.column.use?.();
  if (meant) return meant;
  if (context.clause !== 'HAVING') throw context.scope.unresolved(parts, range);
  // Spark converts the other operand to the type of the column before it takes the alias.
  if (typeText(column.type) === typeText(alias.type)) return null;
  throw unsupported(
    `The name ${parts[0]!} in ${context.clause}, which is an alias and a column`,
    range,
    'Choose another alias.',
  );
}

/** In ORDER BY an alias hides the column also inside aggregate functions, where Spark cannot compute it. */
function refuseAliasInAggregate(parts: readonly string[], context: Context, range: Range): void {
  const alias = parts.length === 1 ? context.aliases?.get(parts[0]!.toLowerCase()) : undefined;
  const found = alias && context.scope.resolveHere(parts, range);
  if (!found || alias.name.toLowerCase() === found.column.name.toLowerCase()) return;
  throw fail(
    'MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION',
    `The name ${quotedName(parts)} in ORDER BY is the alias, which cannot stand in an aggregate function. Choose another alias.`,
    range,
  );
}

function withFields(base: Typed, fields: readonly string[], range: Range): Typed {
  return fields.reduce((value, field) => fieldOf(value, field, field, range), base);
}

function missingAggregation(typed: Typed, context: Context, range: Range): never {
  if (context.clause === 'HAVING' || context.clause === 'ORDER BY') throw context.scope.unresolved([typed.name], range);
  if (context.grouping!.keys.length === 0) {
    throw fail(
      'MISSING_GROUP_BY',
      `The query has aggregate functions but no GROUP BY, so the column "${typed.name}" has no single value. Add GROUP BY, or wrap the column in any_value().`,
      range,
    );
  }
  throw fail(
    'MISSING_AGGREGATION',
    `The non-aggregating expression "${typed.name}" is based on columns which are not participating in the GROUP BY clause. Add it to GROUP BY, aggregate it, or use any_value(${typed.name}).`,
    range,
  );
}

function aliasOf(parts: readonly string[], context: Context, range: Range): Typed | null {
  const key = parts[0]!.toLowerCase();
  const found = context.aliases?.get(key);
  if (found === undefined) return null;
  if (parts.length > 1 && context.aliasesFirst) {
    // `t.x` in ORDER BY means relation t before a field of alias t.
    const column = context.scope.resolveHere(parts, range);
    if (column) return null;
  }
  if (found === null) {
    throw fail(
      context.aliasesFirst ? 'AMBIGUOUS_REFERENCE' : 'AMBIGUOUS_LATERAL_COLUMN_ALIAS',
      `Reference ${quotedName(parts)} is ambiguous: several columns have this name.`,
      range,
    );
  }
  if (found.volatile) throw unsupported('Reusing the alias of an expression that changes with each call', range);
  if (context.clause === 'a window function' && !context.aliasesFirst) {
    throw fail(
      'UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW',
      `The alias ${quotedName(parts)} cannot stand in a window function of the same list. Compute it in a subquery.`,
      range,
    );
  }
  if (context.insideAggregate && !context.aliasesFirst) {
    throw fail(
      'UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC',
      `The alias ${quotedName(parts)} cannot stand in an aggregate function of the same list. Compute it in a subquery.`,
      range,
    );
  }
  if (context.insideAggregate && found.aggregate) {
    throw fail(
      'NESTED_AGGREGATE_FUNCTION',
      'It is not allowed to use an aggregate function in the argument of another aggregate function.',
      range,
    );
  }
  if (context.insideAggregate && context.aliasesFirst)
    throw unsupported('An alias inside an aggregate function here', range);
  const { outputName: _name, qualifier: _qualifier, ...value } = found;
  return withFields({ ...value, name: parts[0]!, named: true }, parts.slice(1), range);
}

/** Field `name` of a struct value. Throws FIELD_NOT_FOUND and INVALID_EXTRACT_BASE_FIELD_TYPE. */
export function fieldOf(base: Typed, name: string, outputName: string, range: Range): Typed {
  const { type } = base;
  const known = { foldable: base.foldable, aggregate: base.aggregate, window: base.window, volatile: base.volatile };
  if (type.kind === 'array' && type.element.kind === 'struct') {
    // The field of every element.
    const element: Typed = { sql: ['__f'], type: type.element, nullable: type.containsNull, name: base.name };
    const read = fieldOf(element, name, outputName, range);
    return {
      ...known,
      sql: sql`list_transform(${base.sql}, lambda __f: ${read.sql})`,
      type: { kind: 'array', element: read.type, containsNull: read.nullable },
      nullable: base.nullable,
      name: read.name,
      outputName,
    };
  }
  if (type.kind === 'map' && type.key.kind === 'string') {
    const text = sql`map_extract_value(${base.sql}, ${literalName(name)})`;
    // Spark prints the key of an expression in brackets, and takes it for the name behind a column.
    const shown = outputName === `${base.name}.${name}` ? undefined : outputName;
    return {
      ...known,
      sql: text,
      type: type.value,
      nullable: true,
      name: `${base.name}[${name}]`,
      outputName: shown,
    };
  }
  if (type.kind === 'map') throw unsupported(`Field access on a value of the type ${typeText(type)}`, range);
  if (type.kind !== 'struct') {
    throw fail(
      'INVALID_EXTRACT_BASE_FIELD_TYPE',
      `Cannot take the field ${quotedName([name])} out of "${base.name}": it is no struct.`,
      range,
    );
  }
  const found = type.fields.filter((field) => field.name.toLowerCase() === name.toLowerCase());
  if (found.length === 0) {
    const names = type.fields.map((field) => quotedName([field.name])).join(', ');
    throw fail('FIELD_NOT_FOUND', `No such struct field ${quotedName([name])} in ${names}.`, range);
  }
  if (found.length > 1)
    throw fail('AMBIGUOUS_REFERENCE_TO_FIELDS', `The field ${quotedName([name])} is ambiguous.`, range);
  const field = found[0]!;
  return {
    ...known,
    sql: sql`struct_extract(${base.sql}, ${literalName(field.name)})`,
    type: field.type,
    nullable: base.nullable || field.nullable,
    name: `${base.name}.${name}`,
    outputName,
  };
}

const literalName = (name: string): string => `'${name.replaceAll("'", "''")}'`;

/** Columns of `*`, `t.*` or `s.*` (fields of a struct), without those of EXCEPT. */
export function expandStar(node: Star, context: Context): { typed: Typed; source?: ScopeColumn }[] {
  const qualifier = node.qualifier.map((part) => part.name);
  const columns = context.scope.expand(qualifier);
  let expanded: { typed: Typed; source?: ScopeColumn }[];
  if (columns) {
    expanded = columns.map((column) => ({ typed: columnTyped(column, column.name), source: column }));
  } else {
    const found = context.scope.resolve(qualifier, node.range);
    if (!found || found.depth > 0) {
      throw fail(
        'CANNOT_RESOLVE_STAR_EXPAND',
        `Cannot resolve ${quotedName(qualifier)}.* given input columns.`,
        node.range,
      );
    }
    const base = withFields(columnTyped(found.column, found.column.name), found.fields, node.range);
    if (base.type.kind !== 'struct') {
      throw fail(
        'CANNOT_RESOLVE_STAR_EXPAND',
        `${quotedName(qualifier)} is no struct, so it has no fields to expand.`,
        node.range,
      );
    }
    expanded = base.type.fields.map((field) => {
      const typed = fieldOf(base, field.name, field.name, node.range);
      return { typed: { ...typed, name: field.name } };
    });
  }
  expanded = exceptColumns(node, expanded, context);
  for (const { source } of expanded) source?.use?.();
  return expanded;
}

type Expanded = { typed: Typed; source?: ScopeColumn };

/** Takes out the columns of EXCEPT, and fields of structs. Throws where a name means nothing or one is named twice. */
function exceptColumns(node: Star, expanded: readonly Expanded[], context: Context): Expanded[] {
  if (node.except.length === 0) return [...expanded];
  const scope = new Scope(
    expanded.map(({ typed, source }) => ({
      name: typed.name,
      qualifier: source?.qualifier ?? [],
      type: typed.type,
      nullable: typed.nullable,
      sql: typed.sql,
    })),
  );
  const removed = new Map<number, string[][]>();
  for (const name of node.except) {
    const parts = name.parts.map((part) => part.name);
    const found = scope.resolveHere(parts, name.range);
    if (!found) throw context.scope.unresolved(parts, name.range);
    const at = scope.columns.indexOf(found.column);
    const before = removed.get(at) ?? [];
    const overlaps = (path: readonly string[]) =>
      path.every(
        (part, index) => index >= found.fields.length || part.toLowerCase() === found.fields[index]!.toLowerCase(),
      );
    if (before.some(overlaps)) {
      throw fail(
        'EXCEPT_OVERLAPPING_COLUMNS',
        `The columns of EXCEPT overlap: ${quotedName(parts)} is named twice, or a part of it is.`,
        name.range,
      );
    }
    removed.set(at, [...before, found.fields]);
  }
  return expanded.flatMap((column, index) => {
    const paths = removed.get(index);
    if (!paths) return [column];
    if (paths.some((path) => path.length === 0)) return [];
    return [
      { typed: { ...withoutFields(column.typed, paths, node.range), name: column.typed.name, column: undefined } },
    ];
  });
}

/** A struct without some of its fields, at any depth. NULL stays NULL. */
function withoutFields(value: Typed, paths: readonly string[][], range: Range): Typed {
  const { type } = value;
  const missing = paths.find(
    (path) => type.kind !== 'struct' || !type.fields.some((field) => sameName(field.name, path[0]!)),
  );
  if (missing || type.kind !== 'struct') {
    throw fail('FIELD_NOT_FOUND', `No such struct field ${quotedName(missing ?? [])} in ${value.name}.`, range);
  }
  const kept = type.fields.flatMap((field) => {
    const inside = paths.filter((path) => sameName(path[0]!, field.name)).map((path) => path.slice(1));
    if (inside.some((path) => path.length === 0)) return [];
    const read = fieldOf(value, field.name, field.name, range);
    return [{ field, read: inside.length ? withoutFields(read, inside, range) : read }];
  });
  if (kept.length === 0) throw unsupported('EXCEPT of all fields of a struct', range);
  const packed = sql`struct_pack(${join(
    kept.map(({ field, read }) => sql`${ident(field.name)} := ${read.sql}`),
    ', ',
  )})`;
  return {
    ...value,
    sql: value.nullable ? sql`CASE WHEN ${value.sql} IS NOT NULL THEN ${packed} END` : packed,
    type: { kind: 'struct', fields: kept.map(({ field, read }) => ({ ...field, type: read.type })) },
  };
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const columnReference = (alias: string, name: string) => sql`${alias}.${ident(name)}`;
