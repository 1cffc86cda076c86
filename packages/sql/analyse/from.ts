import type { Identifier, Join, Relation, TableAlias } from '../ast/index.ts';
import { join as joinText, type Sql, sql } from '../emit/text.ts';
import { commonTypeOfTwo } from '../types/index.ts';
import type { Context } from './context.ts';
import { fail, quotedName, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { implicitCast } from './library.ts';
import { pivotRelation, unpivotRelation } from './pivot.ts';
import { analyseQuery, type QueryContext } from './query.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from './relation.ts';
import { sampled } from './sample.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import { namedRelation } from './table.ts';
import { tableFunction } from './table-function.ts';
import { analyseValues } from './values.ts';

/** An item of FROM: its engine text (with aliases) and the columns that it brings into scope. */
export interface FromRelation {
  sql: Sql;
  columns: ScopeColumn[];
}

/** What an item of FROM sees: `scope` holds the items left of it, for LATERAL. */
export interface FromContext extends QueryContext {
  scope?: Scope;
}

export function relationOf(relation: Relation, context: FromContext): FromRelation {
  if ('sample' in relation && relation.sample) {
    const { sample, alias, ...whole } = relation;
    return withAlias(sampled(relationOf(whole, context), sample, context), alias, relation.range);
  }
  switch (relation.kind) {
    case 'table':
      return withAlias(namedRelation(relation, context), relation.alias, relation.range);
    case 'subqueryRelation': {
      const around = relation.lateral ? context.scope : context.around;
      const query = analyseQuery(relation.query, { ...context, around });
      return subquery(query, relation.alias, relation.lateral, context, relation.range);
    }
    case 'values':
      return subquery(analyseValues(relation, context), relation.alias, false, context, relation.range);
    case 'tableFunction':
      return withAlias(tableFunction(relation, context), relation.alias, relation.range);
    case 'join':
      return joinOf(relation, relationOf(relation.left, context), context);
    case 'nestedRelation': {
      const inner = relationOf(relation.relation, context);
      return withAlias(inner, relation.alias, relation.range);
    }
    case 'pivot':
      return withAlias(
        pivotRelation(relation, relationOf(relation.input, context), context),
        relation.alias,
        relation.range,
      );
    case 'unpivot':
      return withAlias(
        unpivotRelation(relation, relationOf(relation.input, context), context),
        relation.alias,
        relation.range,
      );
  }
}

function subquery(
  query: AnalysedQuery,
  alias: TableAlias | undefined,
  lateral: boolean,
  context: FromContext,
  range: Range,
): FromRelation {
  const engineAlias = context.state.alias('t');
  // Behind the parentheses only the subquery's own alias qualifies its columns.
  const columns = scopeColumns(query.columns, engineAlias).map((column) => ({ ...column, qualifier: [] }));
  return withAlias({ sql: sql`${lateral ? 'LATERAL ' : ''}(${query.sql}) AS ${engineAlias}`, columns }, alias, range);
}

export const scopeColumns = (columns: readonly QueryColumn[], engineAlias: string): ScopeColumn[] =>
  columns.map(({ name, type, nullable, zero, qualifier, attribute }, index) => ({
    name,
    type,
    nullable,
    qualifier: qualifier ?? [],
    ...(zero ? { zero } : {}),
    ...(attribute ? { attribute } : {}),
    sql: sql`${engineAlias}.${engineColumn(index)}`,
  }));

/** `AS t(a, b)`: new names for the relation and its columns; names it had before are no longer in reach. */
export function withAlias(relation: FromRelation, alias: TableAlias | undefined, range: Range): FromRelation {
  if (!alias) return relation;
  const visible = relation.columns.filter((column) => !column.hidden);
  if (alias.columns && alias.columns.length !== visible.length) {
    throw fail(
      'ASSIGNMENT_ARITY_MISMATCH',
      `The alias names ${alias.columns.length} columns, but the relation has ${visible.length}.`,
      range,
    );
  }
  const columns = visible.map((column, index) => ({
    ...column,
    name: alias.columns?.[index]?.name ?? column.name,
    qualifier: alias.name ? [alias.name.name] : [],
  }));
  return { ...relation, columns };
}

/** Comma-separated items of FROM: every pair. */
export function joinComma(left: FromRelation, right: FromRelation): FromRelation {
  return { sql: sql`${left.sql} CROSS JOIN ${right.sql}`, columns: [...left.columns, ...right.columns] };
}

const words = {
  inner: 'INNER JOIN',
  cross: 'INNER JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  semi: 'SEMI JOIN',
  anti: 'ANTI JOIN',
};

/** A join of a left side that is analysed already. */
export function joinOf(node: Omit<Join, 'left'>, left: FromRelation, context: FromContext): FromRelation {
  const rightScope = new Scope(
    [...(context.scope === context.around ? [] : (context.scope?.columns ?? [])), ...left.columns],
    context.around,
  );
  const right = relationOf(node.right, { ...context, scope: rightScope });
  const keys = node.natural ? naturalKeys(left, right) : node.using;
  const leftColumns = node.type === 'right' || node.type === 'full' ? nullSupplied(left.columns) : left.columns;
  const rightColumns = node.type === 'left' || node.type === 'full' ? nullSupplied(right.columns) : right.columns;
  if (keys && keys.length > 0)
    return joinUsing(node, keys, { ...left, columns: leftColumns }, { ...right, columns: rightColumns }, context);
  const scope = new Scope([...left.columns, ...right.columns], context.around);
  const on = node.on ? joinCondition(node, { ...context, scope, clause: 'JOIN ON' }) : 'true';
  const text = sql`(${left.sql} ${words[node.type]} ${right.sql} ON ${on})`;
  const columns = node.type === 'semi' || node.type === 'anti' ? left.columns : [...leftColumns, ...rightColumns];
  return { sql: text, columns };
}

function joinCondition(node: Pick<Join, 'on'>, context: Context): Sql {
  const typed = analyse(node.on!, context);
  if (typed.type.kind !== 'boolean') {
    throw fail(
      'JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE',
      `The join condition "${typed.name}" must be of the type boolean, not ${typed.type.kind}.`,
      node.on!.range,
    );
  }
  return typed.sql;
}

/** Columns of a side that may be filled with NULLs; their predicates no longer prune files (IS NULL would be wrong). */
const nullSupplied = (columns: readonly ScopeColumn[]): ScopeColumn[] =>
  columns.map(({ base: _base, ...column }) => ({ ...column, nullable: true }));

function naturalKeys(left: FromRelation, right: FromRelation): Identifier[] {
  const names = new Set(right.columns.filter((column) => !column.hidden).map((column) => column.name.toLowerCase()));
  return left.columns
    .filter((column) => !column.hidden && names.has(column.name.toLowerCase()))
    .map(({ name }) => ({ name, quoted: true, range: { start: 0, end: 0 } }));
}

/**
 * USING: the keys come first and once (left side's value; right side's for RIGHT; whichever is there for FULL); both sides'
 * own keys stay in reach by a qualified name.
 */
function joinUsing(
  node: Pick<Join, 'type'>,
  keys: readonly Identifier[],
  left: FromRelation,
  right: FromRelation,
  context: FromContext,
): FromRelation {
  const session = context.state.expressionSession(context.environment);
  const conditions: Sql[] = [];
  const merged: ScopeColumn[] = [];
  const hidden: ScopeColumn[] = [];
  const used = new Set<ScopeColumn>();
  for (const key of keys) {
    const [a, b] = [left, right].map((side, index) => {
      const found = new Scope(side.columns).resolveHere([key.name], key.range);
      if (found) return found.column;
      throw fail(
        'UNRESOLVED_USING_COLUMN_FOR_JOIN',
        `USING column ${quotedName([key.name])} cannot be resolved on the ${index === 0 ? 'left' : 'right'} side of the join.`,
        key.range,
      );
    }) as [ScopeColumn, ScopeColumn];
    const type = commonTypeOfTwo(a.type, b.type);
    if (!type || ['map', 'array', 'struct'].includes(type.kind)) {
      throw unsupported(`USING over columns of the types ${a.type.kind} and ${b.type.kind}`, key.range, 'Use ON.');
    }
    used.add(a);
    used.add(b);
    a.use?.();
    b.use?.();
    const [x, y] = [a, b].map((column) => implicitCast({ ...column }, type, session, key.range));
    conditions.push(sql`${x!.sql} = ${y!.sql}`);
    const { base: _left, ...plainLeft } = a;
    const { base: _right, ...plainRight } = b;
    if (node.type === 'full') {
      merged.push({ name: a.name, qualifier: [], type, nullable: true, sql: sql`coalesce(${x!.sql}, ${y!.sql})` });
      hidden.push({ ...plainLeft, hidden: true }, { ...plainRight, hidden: true });
    } else if (node.type === 'right') {
      merged.push(b);
      hidden.push({ ...plainLeft, hidden: true });
    } else {
      merged.push(a);
      if (node.type !== 'semi' && node.type !== 'anti') hidden.push({ ...plainRight, hidden: true });
    }
  }
  const rest = (side: FromRelation) => side.columns.filter((column) => !used.has(column));
  const columns = [
    ...merged,
    ...rest(left),
    ...(node.type === 'semi' || node.type === 'anti' ? [] : rest(right)),
    ...hidden,
  ];
  return { sql: sql`(${left.sql} ${words[node.type]} ${right.sql} ON ${joinText(conditions, ' AND ')})`, columns };
}
