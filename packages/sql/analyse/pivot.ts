import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { type Pivot, type Unpivot, walk } from '../ast/index.ts';
import { join, literal, type Sql, sql } from '../emit/text.ts';
import { commonTypeWithoutText, engineType, sameType } from '../types/index.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import type { FromContext, FromRelation } from './from.ts';
import { besideGenerated, type Generated } from './generator.ts';
import { Grouping } from './grouping.ts';
import { holdsAggregate } from './inspect.ts';
import { castTo, implicitCast } from './library.ts';
import { normalised } from './query.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { Typed } from './typed.ts';

/**
 * PIVOT in Spark's two steps: group by the remaining columns and the pivot columns, then lay the groups side by side. So a
 * combination that is not there is NULL, also for count(*).
 */
export function pivotRelation(node: Omit<Pivot, 'input'>, input: FromRelation, context: FromContext): FromRelation {
  const { state } = context;
  const scope = new Scope(input.columns, context.around);
  const base: Context = { ...context, scope, clause: 'PIVOT' };
  const pivots = node.columns.map((name) => columnOf(scope, [name.name], name.range));
  const used = new Set(pivots);
  for (const { value } of node.aggregates) {
    walk(value, (child) => {
      if (child.kind === 'query') throw unsupported('A subquery in PIVOT', node.range);
      if (child.kind === 'column' && 'parts' in child) {
        const parts = (child.parts as { name: string }[]).map((part) => part.name);
        const found = scope.resolveHere(parts, node.range);
        if (found) used.add(found.column);
      }
      return undefined;
    });
  }
  const kept = input.columns.filter((column) => !column.hidden && !used.has(column));
  const grouping = new Grouping(state.alias('g'), false);
  for (const column of [...kept, ...pivots]) {
    column.use?.();
    if (['map', 'struct', 'array'].includes(column.type.kind))
      throw unsupported(`PIVOT beside a column of the type ${column.type.kind}`, node.range);
    grouping.addKey(plain(column));
  }
  const aggregates = node.aggregates.map(({ value, alias }) => {
    if (!holdsAggregate(value))
      throw fail('_LEGACY_ERROR_TEMP_1006', 'PIVOT needs an aggregate function, such as sum(x).', value.range);
    const typed = analyse(value, { ...base, grouping });
    return { typed, name: alias?.name ?? typed.outputName ?? typed.name };
  });
  const keys = grouping.keys.map((entry) => sql`${normalised(entry.typed.sql, entry.typed.type.kind)}`);
  const first = join(
    [
      ...grouping.keys.map((entry, index) => sql`${keys[index]!} AS ${entry.engineName}`),
      ...grouping.aggregates.map((entry) => sql`${entry.typed.sql} AS ${entry.engineName}`),
    ],
    ', ',
  );
  const groups = sql`(SELECT ${first} FROM ${input.sql} GROUP BY ${join(keys, ', ')}) AS ${grouping.alias}`;
  const reference = (column: ScopeColumn): Sql => grouping.match(plain(column))!.sql;
  const outer = state.alias('t');
  const columns: ScopeColumn[] = [];
  const items: Sql[] = kept.map((column, index) => {
    columns.push({ ...column, base: undefined, use: undefined, sql: sql`${outer}.c${index}` });
    return sql`${reference(column)} AS c${index}`;
  });
  for (const { value, alias } of node.values) {
    const given = pivotValues(value, pivots.length).map((part) => analyse(part, { ...base, scope: new Scope([]) }));
    const same = join(
      given.map(
        (part, index) =>
          sql`${reference(pivots[index]!)} IS NOT DISTINCT FROM ${pivotValue(part, pivots[index]!.type, context, value.range)}`,
      ),
      ' AND ',
    );
    const label = alias?.name ?? (given.length === 1 ? valueName(given[0]!) : `{${given.map(valueName).join(', ')}}`);
    for (const { typed, name } of aggregates) {
      items.push(sql`any_value(${typed.sql}) FILTER (WHERE ${same}) AS c${columns.length}`);
      columns.push({
        name: aggregates.length === 1 ? label : `${label}_${name}`,
        qualifier: [],
        type: typed.type,
        nullable: true,
        sql: sql`${outer}.c${columns.length}`,
      });
    }
  }
  const by = kept.length ? sql` GROUP BY ${join(kept.map(reference), ', ')}` : '';
  return { sql: sql`(SELECT ${join(items, ', ')} FROM ${groups}${by}) AS ${outer}`, columns };
}

const plain = (column: ScopeColumn): Typed => ({
  sql: column.sql,
  type: column.type,
  nullable: column.nullable,
  name: column.name,
});

function columnOf(scope: Scope, parts: string[], range: Range): ScopeColumn {
  const found = scope.resolveHere(parts, range);
  if (!found) throw scope.unresolved(parts, range);
  if (found.fields.length) throw unsupported('A field of a struct here', range);
  return found.column;
}

function pivotValues(value: Pivot['values'][number]['value'], count: number) {
  const parts = value.kind === 'row' ? value.items : [value];
  if (parts.length !== count) {
    throw fail(
      'PIVOT_VALUE_DATA_TYPE_MISMATCH',
      `A value of PIVOT has ${parts.length} parts, but there are ${count} columns to compare.`,
      value.range,
    );
  }
  if (parts.some(holdsColumn))
    throw fail('NON_LITERAL_PIVOT_VALUES', 'The values of PIVOT must be constants.', value.range);
  if (parts.some((part) => !['string', 'number', 'boolean', 'null', 'datetime', 'parameter'].includes(part.kind))) {
    throw unsupported('A PIVOT value that is not a literal', value.range, 'Write the value.');
  }
  return parts;
}

function pivotValue(value: Typed, type: DataType, context: FromContext, range: Range): Sql {
  const session = context.state.expressionSession(context.environment);
  return sameType(value.type, type) || value.type.kind === 'void'
    ? implicitCast(value, type, session, range).sql
    : castTo(value, type, false, session, range).sql;
}

const holdsColumn = (node: unknown): boolean => {
  let found = false;
  walk(node, (child) => {
    if (child.kind === 'column') found = true;
    return !found;
  });
  return found;
};

/** How Spark names the column of a value: its text, without the type's name. */
const valueName = ({ constant, name, type }: Typed): string => {
  if (constant?.value === null || type.kind === 'void') return 'null';
  if (type.kind === 'string' || type.kind === 'date') return String(constant!.value);
  return name;
};

/** UNPIVOT: for each entry of the list a row with its name and values; rows of NULLs are left out unless they are wanted. */
export function unpivotRelation(node: Omit<Unpivot, 'input'>, input: FromRelation, context: FromContext): FromRelation {
  const scope = new Scope(input.columns, context.around);
  const sets = node.sets.map((set) => {
    const columns = set.columns.map((name) =>
      columnOf(
        scope,
        name.parts.map((part) => part.name),
        name.range,
      ),
    );
    for (const column of columns) column.use?.();
    return {
      columns,
      label: set.alias?.name ?? columns.map((_, index) => set.columns[index]!.parts.at(-1)!.name).join('_'),
    };
  });
  const width = node.valueColumns.length;
  const used = new Set(sets.flatMap((set) => set.columns));
  const types = node.valueColumns.map((_, index): DataType => {
    let type: DataType = { kind: 'void' };
    for (const { columns } of sets) {
      const column = columns[index];
      if (!column || columns.length !== width) throw unsupported('UNPIVOT entries of different widths', node.range);
      const common = commonTypeWithoutText(type, column.type);
      if (!common) {
        throw fail(
          'UNPIVOT_VALUE_DATA_TYPE_MISMATCH',
          `The columns of UNPIVOT hold ${typeText(type)} and ${typeText(column.type)}, which have no common type. Cast them to one.`,
          node.range,
        );
      }
      type = common;
    }
    return type;
  });
  const session = context.state.expressionSession(context.environment);
  const entries = sets.map(({ columns, label }) => {
    const values = columns.map((column, index) => {
      const value = implicitCast(plain(column), types[index]!, session, node.range);
      return sql`${literal(`v${index}`)}: CAST(${value.sql} AS ${engineType(types[index]!)})`;
    });
    return sql`{${literal('n')}: ${literal(label)}, ${join(values, ', ')}}`;
  });
  const some = types.map((_, index) => `struct_extract(e, 'v${index}') IS NOT NULL`).join(' OR ');
  // The filter works on the list, so that the rows come in the order of the entries.
  const all = sql`[${join(entries, ', ')}]`;
  const made: Generated = {
    rows: node.includeNulls ? all : sql`list_filter(${all}, lambda e: ${some})`,
    columns: (element) => {
      const read = (name: string): Sql => sql`struct_extract(${element}, ${literal(name)})`;
      const values = node.valueColumns.map(
        ({ name }, index): ScopeColumn => ({
          name,
          qualifier: [],
          type: types[index]!,
          nullable: true,
          sql: read(`v${index}`),
        }),
      );
      return [
        { name: node.nameColumn.name, qualifier: [], type: { kind: 'string' }, nullable: false, sql: read('n') },
        ...values,
      ];
    },
  };
  const kept = (column: ScopeColumn): boolean => !column.hidden && !used.has(column);
  const beside = besideGenerated(input, made, kept, context.state);
  return { sql: beside.sql, columns: [...beside.columns, ...beside.generated] };
}
