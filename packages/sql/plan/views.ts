import type { Column } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { analyseQuery } from '../analyse/query.ts';
import { wireColumn } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName } from '../analyse/table.ts';
import { type AlterViewQuery, type CreateView, walk } from '../ast/index.ts';
import { findTable, requireOn, requireTable, schemaOf, tableOf, temporaryView } from './names.ts';
import { nothing, type Planned, tableName } from './planned.ts';

/** CREATE VIEW and CREATE TEMPORARY VIEW: the query is planned, so that its columns are known and stay. */
export function planCreateView(node: CreateView, text: string, state: PlanState): Planned {
  const { range } = node;
  if (node.global) throw unsupported('A global temporary view', range, 'Create a temporary view.');
  if (node.expectations.length) throw unsupported('Expectations outside of a pipeline', range);
  if (node.orReplace && node.ifNotExists) {
    throw fail(
      'CREATE_VIEW_WITH_IF_NOT_EXISTS_AND_REPLACE',
      'CREATE VIEW with both IF NOT EXISTS and OR REPLACE is not allowed.',
      range,
    );
  }
  const { clauses } = node;
  if (clauses.using || clauses.options.length) throw unsupported('CREATE VIEW … USING', range, 'Use a query.');
  if (clauses.properties.length) throw unsupported('TBLPROPERTIES of a view', range);
  if (clauses.unsupported[0]) throw unsupported(clauses.unsupported[0], range);
  walk(node.query, (child) => {
    if (child.kind === 'parameter') throw unsupported('A parameter marker in a view', range);
    return undefined;
  });
  const viewText = text.slice(node.query.range.start, node.query.range.end);
  // A view that replaces one may not read itself, however many views lie between.
  const own = node.temporary ? [] : [fullName(node.name, state.environment).join('.').toLowerCase()];
  const environment = { ...state.environment, path: [...state.environment.path, ...own] };
  const query = analyseQuery(node.query, { state, environment, ctes: new Map() });
  if (node.columns.length && node.columns.length !== query.columns.length) {
    const missing = node.columns.length > query.columns.length ? 'NOT_ENOUGH_DATA_COLUMNS' : 'TOO_MANY_DATA_COLUMNS';
    throw fail(
      `CREATE_VIEW_COLUMN_ARITY_MISMATCH.${missing}`,
      `The view names ${node.columns.length} columns, but its query gives ${query.columns.length}.`,
      range,
    );
  }
  const columns = query.columns.map((column, index): Column => {
    const named = node.columns[index];
    return {
      ...wireColumn(column),
      ...(named ? { name: named.name.name } : {}),
      ...(named?.comment === undefined ? {} : { comment: named.comment }),
    };
  });
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase()))
      throw fail(
        'COLUMN_ALREADY_EXISTS',
        `The view has two columns ${quotedName([name])}. Give each its own name.`,
        range,
      );
    seen.add(name.toLowerCase());
  }
  return node.temporary ? temporary(node, viewText, columns, state) : stored(node, viewText, columns, state);
}

/** ALTER VIEW v AS query: the view is there, and gets another query. */
export function planAlterView(node: AlterViewQuery, text: string, state: PlanState): Planned {
  const isTemporary = temporaryView(state, node.name) !== undefined;
  if (!isTemporary) {
    const table = tableOf(state, node.name);
    if (table.kind !== 'VIEW')
      throw fail(
        'EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE',
        `${tableName(table)} is a table, not a view.`,
        node.name.range,
      );
  }
  const created: CreateView = {
    kind: 'createView',
    name: node.name,
    orReplace: true,
    ifNotExists: false,
    temporary: isTemporary,
    global: false,
    columns: [],
    expectations: [],
    clauses: { partitionedBy: [], properties: [], options: [], unsupported: [] },
    query: node.query,
    range: node.range,
  };
  return planCreateView(created, text, state);
}

function temporary(node: CreateView, viewText: string, columns: Column[], state: PlanState): Planned {
  if (node.name.parts.length > 1) {
    throw fail(
      'TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS',
      'A temporary view has a name of one part: it belongs to the session, not to a schema.',
      node.name.range,
    );
  }
  if (node.ifNotExists)
    throw unsupported('CREATE TEMPORARY VIEW IF NOT EXISTS', node.range, 'Use CREATE OR REPLACE TEMPORARY VIEW.');
  const { name } = node.name.parts[0]!;
  const key = name.toLowerCase();
  const { session } = state;
  if (session.tempViews[key] && !node.orReplace) {
    throw fail(
      'TEMP_TABLE_OR_VIEW_ALREADY_EXISTS',
      `The temporary view ${quotedName([name])} is there already. Use CREATE OR REPLACE TEMPORARY VIEW.`,
      node.name.range,
    );
  }
  if ([...state.temporary].some((view) => view.toLowerCase() === key)) {
    // The stored text would then read itself.
    throw unsupported(
      'Replacing a temporary view by a query that reads it',
      node.range,
      'Give the new view another name.',
    );
  }
  const view = {
    name,
    text: viewText,
    catalog: session.catalog,
    schema: session.schema,
    columns,
    timeZone: session.timeZone,
    ...(node.clauses.comment === undefined ? {} : { comment: node.clauses.comment }),
  };
  return nothing(state, { ...session, tempViews: { ...session.tempViews, [key]: view } });
}

function stored(node: CreateView, viewText: string, columns: Column[], state: PlanState): Planned {
  const [readsTemporary] = state.temporary;
  if (readsTemporary !== undefined) {
    throw fail(
      'INVALID_TEMP_OBJ_REFERENCE',
      `The view cannot read the temporary view ${quotedName([readsTemporary])}: it would outlive it.`,
      node.range,
    );
  }
  const [catalog, schemaName, name] = fullName(node.name, state.environment);
  const schema = schemaOf(state, catalog, schemaName, node.name.range);
  const existing = findTable(state, node.name);
  if (existing) {
    if (node.ifNotExists) return nothing(state);
    if (existing.kind !== 'VIEW') {
      throw fail(
        node.orReplace ? 'EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE' : 'TABLE_OR_VIEW_ALREADY_EXISTS',
        `${tableName(existing)} is a table. Choose another name for the view.`,
        node.name.range,
      );
    }
    if (!node.orReplace) {
      throw fail(
        'TABLE_OR_VIEW_ALREADY_EXISTS',
        `The view ${tableName(existing)} is there already. Use CREATE OR REPLACE VIEW.`,
        node.name.range,
      );
    }
    if (state.reads.has(tableName(existing))) {
      throw fail('RECURSIVE_VIEW', `The view ${tableName(existing)} would read itself.`, node.range);
    }
    requireTable(state, existing, 'MANAGE');
  }
  requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, 'CREATE TABLE');
  return {
    kind: 'command',
    command: {
      command: 'createView',
      catalog: schema.catalog,
      schema: schema.name,
      name,
      columns,
      viewText,
      viewCatalog: state.session.catalog,
      viewSchema: state.session.schema,
      orReplace: node.orReplace,
      ifNotExists: node.ifNotExists,
      ...(node.clauses.comment === undefined ? {} : { comment: node.clauses.comment }),
      reads: [...state.reads],
    },
    requires: state.ownRequirements(),
  };
}
