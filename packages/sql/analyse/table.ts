import type { CatalogTable, DataType } from '@boathouse/contracts';
import { BoathouseError, parseType, typeText } from '@boathouse/contracts';
import type { Name, TableRef, TimeTravel } from '../ast/index.ts';
import { ident, join, sql } from '../emit/text.ts';
import { parseTimestamp } from '../functions/engine/time-text.ts';
import type { Context } from './context.ts';
import { fail, pending, quotedName, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { type FromContext, type FromRelation, scopeColumns } from './from.ts';
import { implicitCast } from './library.ts';
import { analyseQuery } from './query.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from './relation.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { DeltaTable, Environment, PlanState } from './state.ts';

/** Three parts of a table's name, filled up from the environment. Throws IDENTIFIER_TOO_MANY_NAME_PARTS. */
export function fullName(name: Name, environment: Environment): [string, string, string] {
  const parts = name.parts.map((part) => part.name);
  if (parts.length > 3) {
    throw fail(
      'IDENTIFIER_TOO_MANY_NAME_PARTS',
      `${quotedName(parts)} has more than the three parts catalog.schema.table.`,
      name.range,
    );
  }
  const [table = '', schema = environment.schema, catalog = environment.catalog] = [...parts].reverse();
  return [catalog, schema, table];
}

export function tableNotFound(parts: readonly string[], range: Range): Error {
  return fail(
    'TABLE_OR_VIEW_NOT_FOUND',
    `The table or view ${quotedName(parts)} cannot be found, or you may not see it. Check the spelling and the current catalog and schema, or ask its owner for a grant.`,
    range,
  );
}

/** A table or view by name in FROM: a common table expression, a temporary view, or a table or view of the catalog. */
export function namedRelation(node: TableRef, context: FromContext): FromRelation {
  const { state, environment } = context;
  if (node.options.length) throw unsupported('Options of a table', node.range);
  const [first] = node.name.parts;
  const single = node.name.parts.length === 1 ? first!.name : undefined;
  if (single !== undefined) {
    const cte = context.ctes.get(single.toLowerCase());
    if (cte && !node.timeTravel && !node.stream) {
      const alias = state.alias('t');
      const columns = scopeColumns(cte.columns, alias).map((column) => ({ ...column, qualifier: [single] }));
      return { sql: sql`${cte.engineName} AS ${alias}`, columns };
    }
    const temporary = environment.tempViews ? state.session.tempViews[single.toLowerCase()] : undefined;
    if (temporary) {
      if (node.timeTravel) throw unsupported('Time travel of a temporary view', node.range);
      if (node.stream) throw unsupported('STREAM of a temporary view', node.range);
      return temporaryView(temporary, node, context);
    }
  }
  return catalogRelation(node, context);
}

function temporaryView(
  view: PlanState['session']['tempViews'][string],
  node: TableRef,
  context: FromContext,
): FromRelation {
  const { state, environment } = context;
  state.temporary.add(view.name);
  if (view.timeZone !== undefined && view.timeZone !== state.session.timeZone) {
    throw unsupported(
      `Reading the temporary view ${view.name}, made in the time zone ${view.timeZone}, in another zone`,
      node.range,
      'Make the view again, or set the time zone back.',
    );
  }
  const key = `temporary ${view.name.toLowerCase()}`;
  if (environment.path.includes(key)) throw recursive(view.name, node.range);
  const inner: Environment = {
    ...environment,
    catalog: view.catalog,
    schema: view.schema,
    path: [...environment.path, key],
  };
  const query = viewQuery(view.name, view.text, inner, context, node.range);
  const columns = view.columns?.map(
    (column): QueryColumn => ({ name: column.name, type: parseType(column.type), nullable: column.nullable }),
  );
  return viewRelation(query, columns ?? query.columns, [view.name], context, node.range);
}

const recursive = (name: string, range: Range) => fail('RECURSIVE_VIEW', `The view ${name} reads itself.`, range);

const deepest = 100;

/** Analyses the stored text of a view. Its errors have no place in the statement, which only names the view. */
function viewQuery(name: string, text: string, inner: Environment, context: FromContext, range: Range): AnalysedQuery {
  const { state } = context;
  if (inner.path.length > deepest) {
    throw fail('VIEW_EXCEED_MAX_NESTED_DEPTH', `The view ${name} lies more than ${deepest} views deep.`, range);
  }
  try {
    return analyseQuery(state.cache.parsed(text), { state, environment: inner, ctes: new Map() });
  } catch (error) {
    if (error instanceof BoathouseError) error.position = pending(range);
    throw error;
  }
}

function catalogRelation(node: TableRef, context: FromContext): FromRelation {
  const { state, environment } = context;
  const [catalog, schema, name] = fullName(node.name, environment);
  const own = environment.tempViews ? state.options.overlay?.(catalog, schema, name) : undefined;
  const table = own ?? state.cache.table(environment.principal, catalog, schema, name);
  if (!table)
    throw tableNotFound(
      node.name.parts.map((part) => part.name),
      node.range,
    );
  const full = `${table.catalog}.${table.schema}.${table.name}`;
  // Reading through a temporary view is reading; what a view of the catalog reads is its owner's affair.
  if (environment.tempViews) state.reads.add(full);
  if (!own) requireRead(state, environment, table);
  if (node.stream) {
    if (!state.options.streams) {
      throw unsupported(
        'STREAM outside of a pipeline',
        node.range,
        'Streams run in pipelines: use CREATE OR REFRESH STREAMING TABLE.',
      );
    }
    if (!state.options.tableStreams) {
      throw unsupported(
        'STREAM of a table',
        node.range,
        'Stream files with STREAM read_files(…), or read the table without STREAM in a materialized view.',
      );
    }
  }
  if (table.kind === 'VIEW') {
    if (node.timeTravel) throw unsupported('Time travel of a view', node.range);
    return catalogView(table, node, context);
  }
  return baseTableRelation(table, { ...timeTravel(node, context), ...(node.stream ? { stream: true } : {}) }, context);
}

/** SELECT on the table and the way to it: USE CATALOG and USE SCHEMA. */
export function requireRead(state: PlanState, environment: Environment, table: CatalogTable): void {
  requireParents(state, environment, table.catalog, table.schema);
  state.require(environment.principal, {
    kind: 'table',
    id: table.id,
    fullName: `${table.catalog}.${table.schema}.${table.name}`,
    privilege: 'SELECT',
  });
}

export function requireParents(state: PlanState, environment: Environment, catalog: string, schema: string): void {
  const { principal } = environment;
  const parentCatalog = state.cache.catalog(principal, catalog);
  if (parentCatalog) {
    state.require(principal, {
      kind: 'catalog',
      id: parentCatalog.id,
      fullName: parentCatalog.name,
      privilege: 'USE CATALOG',
    });
  }
  const parentSchema = state.cache.schema(principal, catalog, schema);
  if (parentSchema) {
    const full = `${parentSchema.catalog}.${parentSchema.name}`;
    state.require(principal, { kind: 'schema', id: parentSchema.id, fullName: full, privilege: 'USE SCHEMA' });
  }
}

/** A view reads its tables with its owner's rights, and its short names lead where they led when it was made. */
function catalogView(view: CatalogTable, node: TableRef, context: FromContext): FromRelation {
  const { state, environment } = context;
  const full = `${view.catalog}.${view.schema}.${view.name}`;
  if (environment.path.includes(full.toLowerCase())) throw recursive(full, node.range);
  const inner: Environment = {
    principal: state.cache.principalOf(view.ownerId),
    catalog: view.viewCatalog ?? view.catalog,
    schema: view.viewSchema ?? view.schema,
    tempViews: false,
    path: [...environment.path, full.toLowerCase()],
  };
  const query = viewQuery(full, view.viewText ?? '', inner, context, node.range);
  const columns = view.columns.map(
    (column): QueryColumn => ({ name: column.name, type: parseType(column.type), nullable: column.nullable }),
  );
  return viewRelation(query, columns, [view.catalog, view.schema, view.name], context, node.range);
}

/** The columns of a view are those of its creation: by name where the query still has them, in the stored types. */
function viewRelation(
  query: AnalysedQuery,
  columns: readonly QueryColumn[],
  qualifier: readonly string[],
  context: FromContext,
  range: Range,
): FromRelation {
  const { state } = context;
  const inner = state.alias('t');
  const outer = state.alias('t');
  const session = state.expressionSession(context.environment);
  const moved = () =>
    fail(
      'INCOMPATIBLE_VIEW_SCHEMA_CHANGE',
      `The query of the view ${quotedName(qualifier)} no longer gives the columns that the view had when it was made. Make it anew with CREATE OR REPLACE VIEW.`,
      range,
    );
  const same = columns.length === query.columns.length;
  const items = columns.map((column, index) => {
    const matching = query.columns.flatMap((candidate, at) =>
      candidate.name.toLowerCase() === column.name.toLowerCase() ? [at] : [],
    );
    const at =
      same && (matching.length !== 1 || matching[0] === index)
        ? index
        : matching.length === 1
          ? matching[0]!
          : undefined;
    if (at === undefined) throw moved();
    const source = query.columns[at]!;
    const value = implicitCast({ ...source, sql: sql`${inner}.${engineColumn(at)}` }, column.type, session, range);
    return sql`${value.sql} AS ${engineColumn(index)}`;
  });
  const unchanged =
    same &&
    columns.every(
      (column, index) =>
        query.columns[index]!.name === column.name && typeText(query.columns[index]!.type) === typeText(column.type),
    );
  const text = unchanged ? query.sql : sql`SELECT ${join(items, ', ')} FROM (${query.sql}) AS ${inner}`;
  return {
    sql: sql`(${text}) AS ${outer}`,
    columns: scopeColumns(columns, outer).map((column) => ({ ...column, qualifier })),
  };
}

export function baseTableRelation(
  table: CatalogTable,
  travel: { versionAsOf?: number; timestampAsOfMs?: number; stream?: boolean },
  context: FromContext,
): FromRelation {
  const { state } = context;
  const alias = state.alias('t');
  const index = state.addTable(planTable(table, travel));
  const qualifier = [table.catalog, table.schema, table.name];
  const columns = table.columns.map((column): ScopeColumn => {
    const type: DataType = parseType(column.type);
    return {
      name: column.name,
      qualifier,
      type: type.kind === 'char' || type.kind === 'varchar' ? { kind: 'string' } : type,
      nullable: column.nullable,
      sql: sql`${alias}.${ident(column.name)}`,
      base: { table: index, name: column.name },
      use: () => state.need(index, column.name),
    };
  });
  return { sql: [{ table: index }, ` AS ${alias}`], columns };
}

export function planTable(
  table: CatalogTable,
  travel: { versionAsOf?: number; timestampAsOfMs?: number; stream?: boolean } = {},
): Omit<DeltaTable, 'needed'> {
  return {
    source: 'delta',
    tableId: table.id,
    fullName: `${table.catalog}.${table.schema}.${table.name}`,
    location: table.location ?? '',
    columns: table.columns,
    predicates: [],
    ...travel,
  };
}

/** VERSION AS OF n (also `t@v3`) and TIMESTAMP AS OF: constants only. */
function timeTravel(node: TableRef, context: FromContext): { versionAsOf?: number; timestampAsOfMs?: number } {
  const { timeTravel: travel } = node;
  if (!travel) return {};
  if (node.stream) throw unsupported('Time travel of a stream', node.range);
  return pointInTime(travel, context);
}

/** A version or a time, by a constant. Throws INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT. */
export function pointInTime(
  travel: TimeTravel,
  context: Pick<Context, 'state' | 'environment' | 'ctes'>,
): { versionAsOf?: number; timestampAsOfMs?: number } {
  const inside = { ...context, scope: new Scope([]), clause: 'AS OF' };
  const { constant, type } = analyse(travel.value, inside);
  const wrong = () =>
    fail(
      'INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT',
      "Time travel takes a constant: VERSION AS OF 3, or TIMESTAMP AS OF '2024-01-31 12:00:00'.",
      travel.value.range,
    );
  if (travel.kind === 'version') {
    const version = Number(constant?.value ?? Number.NaN);
    if (!Number.isSafeInteger(version) || version < 0) throw wrong();
    return { versionAsOf: version };
  }
  if (typeof constant?.value !== 'string') throw wrong();
  if (type.kind === 'timestamp' || type.kind === 'date') return { timestampAsOfMs: Date.parse(constant.value) };
  if (type.kind !== 'string') throw wrong();
  return { timestampAsOfMs: Number(parseTimestamp(constant.value, context.state.session.timeZone) / 1000n) };
}
