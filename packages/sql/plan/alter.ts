import type { CatalogTable, TableAlteration } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import { fail, type Range, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import type { ScopeColumn } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import type { AddedColumn, AlterTable, ColumnChange, ColumnPosition, Name, TableChange } from '../ast/index.ts';
import { ident, sql } from '../emit/text.ts';
import { checkColumnNames, columnsOf, isMapped } from './definition.ts';
import { planned } from './modify.ts';
import { partsOf, requireTable } from './names.ts';
import type { Planned } from './planned.ts';
import { changedTable, contextOf, writeTarget } from './target.ts';

/** ALTER TABLE …: one commit a statement; what the table's log decides (features, widening) is checked when it is run. */
export function planAlterTable(node: AlterTable, state: PlanState): Planned {
  if (node.what === 'view') throw unsupported('ALTER VIEW … SET or RENAME', node.range, 'Use CREATE OR REPLACE VIEW.');
  const table = changedTable(node.table, 'ALTER TABLE', state);
  requireTable(state, table, 'MANAGE');
  const change = alteration(node.change, table, node.range, state);
  return planned(state, { kind: 'alter', target: writeTarget(table), change });
}

function alteration(change: TableChange, table: CatalogTable, range: Range, state: PlanState): TableAlteration {
  switch (change.kind) {
    case 'setProperties':
      return {
        kind: 'setProperties',
        properties: Object.fromEntries(change.properties.map(({ key, value }) => [key, value ?? ''])),
      };
    case 'unsetProperties':
    case 'dropFeature':
      return change;
    case 'addColumns':
      return {
        kind: 'addColumns',
        columns: change.columns.map((column) => added(column, table)),
      };
    case 'replaceColumns':
      return { kind: 'replaceColumns', columns: columnsOf(change.columns) };
    case 'dropColumns':
      return {
        kind: 'dropColumns',
        columns: change.columns.filter((name) => !change.ifExists || hasColumn(table, name)).map(partsOf),
      };
    case 'renameColumn':
      checkColumnNames([change.to.name], change.to.range, isMapped(table.properties));
      return { kind: 'renameColumn', column: partsOf(change.column), to: change.to.name };
    case 'alterColumns':
      return altered(change.columns, range);
    case 'addConstraint':
      return constraint(change, table, state);
    case 'dropConstraint':
      return { kind: 'dropConstraint', name: change.name.name, ifExists: change.ifExists };
    case 'clusterBy':
      return { kind: 'clusterBy', columns: change.columns.map(partsOf) };
    case 'rename':
      throw unsupported('ALTER TABLE … RENAME TO', range, 'Create the table anew with CREATE TABLE … AS SELECT.');
  }
}

const hasColumn = (table: CatalogTable, name: Name): boolean =>
  table.columns.some((column) => column.name.toLowerCase() === name.parts[0]!.name.toLowerCase());

type Added = Extract<TableAlteration, { kind: 'addColumns' }>['columns'][number];

function added(node: AddedColumn, table: CatalogTable): Added {
  if (node.definition.default)
    throw fail(
      'WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED',
      'A column is added without a DEFAULT, because the rows that are there would not have it. Add the column, then ALTER COLUMN … SET DEFAULT for new rows.',
      node.range,
    );
  const [column] = columnsOf([node.definition]);
  const parent = partsOf(node.path).slice(0, -1);
  checkColumnNames([column!.name], node.range, isMapped(table.properties));
  return { parent, column: column!, ...(node.position ? { position: place(node.position) } : {}) };
}

const place = (position: ColumnPosition): NonNullable<Added['position']> =>
  position.first ? { at: 'first' } : { at: 'after', column: position.after.name };

type AlterColumn = Extract<TableAlteration, { kind: 'alterColumn' }>;

function altered(columns: readonly { column: Name; change: ColumnChange }[], range: Range): TableAlteration {
  const first = columns[0]!;
  const names = new Set(columns.map(({ column }) => partsOf(column).join('.').toLowerCase()));
  if (names.size > 1) throw unsupported('ALTER COLUMN of several columns', range, 'Use one statement a column.');
  const column = partsOf(first.column);
  if (first.change.kind === 'syncIdentity') return { kind: 'syncIdentity', column: column[0]! };
  const out: AlterColumn = { kind: 'alterColumn', column };
  for (const { change } of columns) Object.assign(out, part(change, range));
  return out;
}

function part(change: ColumnChange, range: Range): Partial<AlterColumn> {
  switch (change.kind) {
    case 'type':
      if (change.type.type.kind === 'varchar' || change.type.type.kind === 'char')
        throw unsupported(
          `ALTER COLUMN … TYPE ${typeText(change.type.type)}`,
          range,
          'Use TYPE STRING, and a CHECK constraint for the length.',
        );
      return { type: typeText(change.type.type) };
    case 'comment':
      return { comment: change.comment };
    case 'setNotNull':
      return { nullable: false };
    case 'dropNotNull':
      return { nullable: true };
    case 'setDefault':
      return { default: change.text };
    case 'dropDefault':
      return { default: null };
    case 'position':
      return { position: place(change.position) };
    case 'syncIdentity':
      throw unsupported('SYNC IDENTITY beside other changes', range);
  }
}

function constraint(
  change: Extract<TableChange, { kind: 'addConstraint' }>,
  table: CatalogTable,
  state: PlanState,
): TableAlteration {
  const { constraint: node, checkText } = change;
  if (node.kind !== 'check' || checkText === undefined)
    throw unsupported('A key constraint', node.range, 'Only CHECK constraints are enforced.');
  if (!node.name)
    throw fail('PARSE_SYNTAX_ERROR', 'The constraint needs a name: ADD CONSTRAINT name CHECK (…).', node.range);
  const scope = table.columns.map(
    (column): ScopeColumn => ({
      name: column.name,
      qualifier: [table.catalog, table.schema, table.name],
      type: parseType(column.type),
      nullable: column.nullable,
      sql: sql`${ident(column.name)}`,
    }),
  );
  const { type } = analyse(node.check!, contextOf(state, scope, 'CHECK'));
  if (type.kind !== 'boolean')
    throw fail(
      'DELTA_NON_BOOLEAN_CHECK_CONSTRAINT',
      `A CHECK constraint is true or false, and this one is of type ${typeText(type)}. Write a comparison.`,
      node.range,
    );
  return { kind: 'addConstraint', name: node.name.name, check: checkText };
}

/** COMMENT ON TABLE and COLUMN: the table's log keeps them. Taking a comment away leaves an empty one, as in Spark. */
export function commentInLog(
  table: CatalogTable,
  column: string[] | null,
  comment: string | null,
  state: PlanState,
): Planned {
  requireTable(state, table, 'MANAGE');
  const change: TableAlteration = column
    ? { kind: 'alterColumn', column, comment: comment ?? '' }
    : { kind: 'setComment', comment: comment ?? '' };
  return planned(state, { kind: 'alter', target: writeTarget(table), change });
}
