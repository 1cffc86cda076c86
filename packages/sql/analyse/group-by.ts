import { typeText } from '@boathouse/contracts';
import type { Expression, GroupingSet, Select } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { expandStar } from './column.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { Grouping, shapeOf } from './grouping.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from './inspect.ts';
import { normalised, ordinal, ordinalOutOfRange } from './query.ts';
import type { Typed } from './typed.ts';

export interface GroupingPlan {
  grouping: Grouping;
  /** ` GROUP BY …`, or empty for one group over everything. */
  clause: Sql;
  /** Condition of the outer layer that drops the grand total of an empty input, which Spark does not give. */
  nonEmpty?: Sql;
}

/** Resolves GROUP BY: columns before aliases, positions, ALL, ROLLUP, CUBE and GROUPING SETS. */
export function groupByKeys(node: Select, base: Context): GroupingPlan {
  const { groupBy } = node;
  const sets = groupBy?.items.some((item) => item.kind !== 'expression') ?? false;
  const grouping = new Grouping(base.state.alias('g'), sets);
  if (!groupBy) return { grouping, clause: [] };
  if (groupBy.items.length === 0 && !groupBy.all) return { grouping, clause: [] };
  const context: Context = { ...base, clause: 'GROUP BY' };
  const key = (expression: Expression): Sql => {
    const typed = resolveKey(expression, node, context);
    checkKey(typed, expression.range);
    const entry = grouping.addKey(typed);
    if (holdsSubquery(expression)) grouping.subqueries.set(shapeOf(expression), entry);
    return keyText(entry.typed);
  };
  if (groupBy.all) {
    const keys = node.items.flatMap((item) => {
      if (item.value.kind === 'star') {
        return expandStar(item.value, context).map(({ typed }) => keyText(grouping.addKey(typed).typed));
      }
      if (!holdsAggregate(item.value) && !holdsWindow(item.value)) return [key(item.value)];
      if (holdsPlainColumn(item.value)) {
        throw fail(
          'UNRESOLVED_ALL_IN_GROUP_BY',
          'GROUP BY ALL cannot infer the keys from an item that mixes aggregate functions and columns. List the keys.',
          item.range,
        );
      }
      return [];
    });
    return { grouping, clause: keys.length ? sql` GROUP BY ${join(keys, ', ')}` : [] };
  }
  const parts = groupBy.items.map((item): Sql => {
    if (item.kind === 'expression') return key(item.value);
    if (item.kind === 'groupingSets') return setsText(item.sets, key);
    return sql`${item.kind.toUpperCase()} (${tuples(item.sets, key)})`;
  });
  const clause = sql` GROUP BY ${join(parts, ', ')}`;
  if (!sets) return { grouping, clause };
  return { grouping, clause, nonEmpty: sql`${grouping.alias}.n > 0` };
}

type KeyText = (expression: Expression) => Sql;

const tuples = (sets: readonly Expression[][], key: KeyText): Sql =>
  join(
    sets.map((set) => sql`(${join(set.map(key), ', ')})`),
    ', ',
  );

const setsText = (sets: readonly GroupingSet[], key: KeyText): Sql =>
  sql`GROUPING SETS (${join(
    sets.map((set) => groupingSet(set, key)),
    ', ',
  )})`;

function groupingSet(set: GroupingSet, key: KeyText): Sql {
  if (set.kind === 'set') return sql`(${join(set.items.map(key), ', ')})`;
  if (set.kind === 'groupingSets') return setsText(set.sets, key);
  return sql`${set.kind.toUpperCase()} (${tuples(set.sets, key)})`;
}

const keyText = (typed: Typed): Sql => normalised(typed.sql, typed.type.kind);

function checkKey(typed: Typed, range: Range): void {
  if (typed.type.kind === 'variant' || typeText(typed.type).includes('map<')) {
    throw unsupported(`Grouping by a value of the type ${typeText(typed.type)}`, range);
  }
  if (/\b(float|double)\b/.test(typeText(typed.type)) && typed.type.kind !== 'float' && typed.type.kind !== 'double') {
    throw unsupported('Grouping by nested values with floating-point numbers', range);
  }
  if (typed.volatile) throw unsupported('Grouping by an expression that changes with each call', range);
}

/** A key: a position in the select list, a column, or an alias of the select list. */
function resolveKey(expression: Expression, node: Select, context: Context): Typed {
  const position = ordinal(expression);
  if (position !== undefined) {
    if (node.items.some((item) => item.value.kind === 'star')) {
      throw fail(
        'STAR_GROUP_BY_POS',
        'A `*` cannot stand in the select list where GROUP BY counts its items. Name the columns.',
        expression.range,
      );
    }
    const item = node.items[position - 1];
    if (!item) throw ordinalOutOfRange('GROUP_BY', position, node.items.length, expression.range);
    if (holdsAggregate(item.value)) {
      throw fail(
        'GROUP_BY_POS_AGGREGATE',
        `GROUP BY ${position} refers to an expression that contains an aggregate function.`,
        expression.range,
      );
    }
    return analyse(item.value, context);
  }
  if (expression.kind === 'column' && expression.parts.length === 1) {
    const name = expression.parts[0]!.name.toLowerCase();
    if (!context.scope.resolveHere([name], expression.range)) {
      const found = node.items.filter((item) => item.alias?.name.toLowerCase() === name);
      if (found.length > 1)
        throw fail(
          'AMBIGUOUS_REFERENCE',
          `Reference \`${name}\` is ambiguous: several items have this alias.`,
          expression.range,
        );
      if (found[0]) {
        if (holdsAggregate(found[0].value)) {
          throw fail(
            'GROUP_BY_AGGREGATE',
            `Aggregate functions are not allowed in GROUP BY, but the alias ${name} holds one.`,
            expression.range,
          );
        }
        return analyse(found[0].value, { ...context, aliases: earlierAliases(node, found[0], context) });
      }
    }
  }
  return analyse(expression, context);
}

/** Aliases that an item of the select list may use itself: those before it. */
function earlierAliases(node: Select, until: Select['items'][number], context: Context): ReadonlyMap<string, Typed> {
  const aliases = new Map<string, Typed>();
  for (const item of node.items) {
    if (item === until) break;
    if (item.alias && !holdsAggregate(item.value) && !holdsWindow(item.value)) {
      aliases.set(item.alias.name.toLowerCase(), analyse(item.value, { ...context, aliases: new Map(aliases) }));
    }
  }
  return aliases;
}

/** A column outside of every aggregate call. */
function holdsPlainColumn(expression: Expression): boolean {
  if (expression.kind === 'column') return true;
  if (
    expression.kind === 'call' &&
    holdsAggregate({ ...expression, args: [], filter: undefined, withinGroup: undefined })
  )
    return false;
  return Object.entries(expression).some(([key, value]) => key !== 'range' && key !== 'name' && childHolds(value));
}

function childHolds(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(childHolds);
  if (value === null || typeof value !== 'object') return false;
  if ('kind' in value && 'range' in value) return holdsPlainColumn(value as Expression);
  return Object.entries(value).some(([key, child]) => key !== 'range' && childHolds(child));
}
