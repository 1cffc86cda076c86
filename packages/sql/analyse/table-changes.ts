import { type Column, parseType } from '@boathouse/contracts';
import type { Name, TableFunction } from '../ast/index.ts';
import { ident, sql } from '../emit/text.ts';
import { parseTimestamp } from '../functions/engine/time-text.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import type { FromContext, FromRelation } from './from.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { DeltaTable } from './state.ts';
import { fullName, planTable, requireRead, tableNotFound } from './table.ts';

/** What the feed tells of a change beside the row. */
const feedColumns: Column[] = [
  { name: '_change_type', type: 'string', nullable: true },
  { name: '_commit_version', type: 'bigint', nullable: true },
  { name: '_commit_timestamp', type: 'timestamp', nullable: true },
];

/**
 * table_changes('t', start[, end]): rows that the versions of a table inserted, deleted and updated, both ends included. A
 * bound is a version (a whole number) or a time.
 */
export function tableChanges(node: TableFunction, context: FromContext): FromRelation {
  const { state, environment } = context;
  const [target, start, end, ...more] = node.args;
  if (!target || !start || more.length || node.named.length)
    throw fail(
      'INCORRECT_NUMBER_OF_ARGUMENTS',
      "table_changes takes a table, where to begin and perhaps where to end: table_changes('t', 0, 5).",
      node.range,
    );
  const name = nameOf(constantOf(target, context), target.range, context);
  const [catalog, schema, short] = fullName(name, environment);
  const table = state.cache.table(environment.principal, catalog, schema, short);
  if (!table)
    throw tableNotFound(
      name.parts.map((part) => part.name),
      target.range,
    );
  if (table.kind === 'VIEW') throw unsupported('table_changes of a view', target.range, 'Name its table.');
  const full = `${table.catalog}.${table.schema}.${table.name}`;
  if (environment.tempViews) state.reads.add(full);
  requireRead(state, environment, table);
  const from = boundOf(start, context);
  const to = end && boundOf(end, context);
  const changes: NonNullable<DeltaTable['changes']> = {
    ...('version' in from ? { fromVersion: from.version } : { fromTimestampMs: from.timestampMs }),
    ...(to ? ('version' in to ? { toVersion: to.version } : { toTimestampMs: to.timestampMs }) : {}),
  };
  const columns = [...table.columns, ...feedColumns];
  const index = state.addTable({ ...planTable(table), columns, changes });
  const alias = state.alias('t');
  return {
    sql: [{ table: index }, ` AS ${alias}`],
    columns: columns.map((column): ScopeColumn => {
      const type = parseType(column.type);
      return {
        name: column.name,
        qualifier: [table.catalog, table.schema, table.name],
        type: type.kind === 'char' || type.kind === 'varchar' ? { kind: 'string' } : type,
        nullable: true,
        sql: sql`${alias}.${ident(column.name)}`,
        use: () => state.need(index, column.name),
      };
    }),
  };
}

type Argument = TableFunction['args'][number];

function constantOf(argument: Argument, context: FromContext) {
  const wrong = () =>
    fail('DELTA_UNSUPPORTED_EXPRESSION', 'The arguments of table_changes are constants.', argument.range);
  if (argument.kind === 'tableArgument') throw wrong();
  const typed = analyse(argument, { ...context, scope: new Scope([]), clause: 'FROM' });
  if (!typed.constant) throw wrong();
  return { ...typed, value: typed.constant.value };
}

/** The name of a table as text: `t`, `schema.t`, with back-ticks where it needs them. */
function nameOf({ value }: ReturnType<typeof constantOf>, range: Range, context: FromContext): Name {
  const wrong = () =>
    fail('DELTA_UNSUPPORTED_EXPRESSION', "table_changes takes the name of a table as text: 'schema.t'.", range);
  if (typeof value !== 'string') throw wrong();
  const { body } = context.state.cache.parsed(`TABLE ${value}`);
  if (body.kind !== 'tableQuery') throw wrong();
  return body.name;
}

function boundOf(argument: Argument, context: FromContext): { version: number } | { timestampMs: number } {
  const { value, type } = constantOf(argument, context);
  if (typeof value === 'bigint') {
    if (value >= 0n) return { version: Number(value) };
    throw fail('DELTA_LOG_FILE_NOT_FOUND', `A table has no version ${value}: the first one is 0.`, argument.range);
  }
  if (typeof value !== 'string')
    throw fail('DELTA_UNSUPPORTED_EXPRESSION', 'A bound of table_changes is a version or a time.', argument.range);
  if (type.kind === 'timestamp' || type.kind === 'date') return { timestampMs: Date.parse(value) };
  return { timestampMs: Number(parseTimestamp(value, context.state.session.timeZone) / 1000n) };
}
