import type { CatalogTable, DataType } from '@boathouse/contracts';
import { BoathouseError, parseType, typeText, userError } from '@boathouse/contracts';
import type { Name, TableRef, TimeTravel } from '../ast/index.ts';
import { ident, join, sql } from '../emit/text.ts';
import { parseTimestamp } from '../functions/engine/time-text.ts';
import { holdsVariant } from '../types/index.ts';
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
  const { state } = context;
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
  }
  const temporary = temporaryOf(node, context);
  if (temporary) return expanded(openTemporary(temporary, node, context), context, node.range);
  return catalogRelation(node, context);
}

/** A view that a statement reads: its stored text, where the names in it lead, and the columns that it promises. */
export interface OpenedView {
  name: string;
  text: string;
  environment: Environment;
  /** Absent where the view promises none: those of its query. */
  columns?: QueryColumn[];
  qualifier: string[];
}

type Temporary = PlanState['session']['tempViews'][string];

/** The temporary view that a name of FROM means; undefined where it means something else. */
export function temporaryOf(node: TableRef, { state, environment }: FromContext): Temporary | undefined {
  const [first] = node.name.parts;
  if (!first || node.name.parts.length > 1 || !environment.tempViews) return undefined;
  const found = state.session.tempViews[first.name.toLowerCase()];
  if (found && node.timeTravel) throw unsupported('Time travel of a temporary view', node.range);
  if (found && node.stream) throw unsupported('STREAM of a temporary view', node.range);
  return found;
}

export function openTemporary(view: Temporary, node: TableRef, { state, environment }: FromContext): OpenedView {
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
  return {
    name: view.name,
    text: view.text,
    environment: { ...environment, catalog: view.catalog, schema: view.schema, path: [...environment.path, key] },
    ...(view.columns ? { columns: view.columns.map(promised) } : {}),
    qualifier: [view.name],
  };
}

const promised = (column: CatalogTable['columns'][number]): QueryColumn => ({
  name: column.name,
  type: parseType(column.type),
  nullable: column.nullable,
});

function expanded(view: OpenedView, context: FromContext, range: Range): FromRelation {
  const query = viewQuery(view, context, range);
  return viewRelation(query, view.columns ?? query.columns, view.qualifier, context, range);
}

const recursive = (name: string, range: Range) => fail('RECURSIVE_VIEW', `The view ${name} reads itself.`, range);

const deepest = 100;

/** Analyses the stored text of a view. Its errors have no place in the statement, which only names the view. */
export function viewQuery(view: OpenedView, { state }: Pick<FromContext, 'state'>, range: Range): AnalysedQuery {
  const { name, text, environment } = view;
  if (environment.path.length > deepest) {
    throw fail('VIEW_EXCEED_MAX_NESTED_DEPTH', `The view ${name} lies more than ${deepest} views deep.`, range);
  }
  try {
    return analyseQuery(state.cache.parsed(text), { state, environment, ctes: new Map() });
  } catch (error) {
    if (error instanceof BoathouseError) error.position = pending(range);
    throw error;
  }
}

function catalogRelation(node: TableRef, context: FromContext): FromRelation {
  const table = tableInFrom(node, context);
  if (table.kind === 'VIEW') return expanded(openView(table, node, context), context, node.range);
  return baseTableRelation(table, { ...timeTravel(node, context), ...(node.stream ? { stream: true } : {}) }, context);
}

/** The table or view of the catalog that FROM names, with what reading it needs and tells. */
export function tableInFrom(node: TableRef, context: FromContext): CatalogTable {
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
  if (table.kind === 'VIEW' && node.timeTravel) throw unsupported('Time travel of a view', node.range);
  return table;
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
export function openView(view: CatalogTable, node: TableRef, { state, environment }: FromContext): OpenedView {
  const full = `${view.catalog}.${view.schema}.${view.name}`;
  if (environment.path.includes(full.toLowerCase())) throw recursive(full, node.range);
  return {
    name: full,
    text: view.viewText ?? '',
    environment: {
      principal: state.cache.principalOf(view.ownerId),
      catalog: view.viewCatalog ?? view.catalog,
      schema: view.viewSchema ?? view.schema,
      tempViews: false,
      path: [...environment.path, full.toLowerCase()],
    },
    columns: view.columns.map(promised),
    qualifier: [view.catalog, view.schema, view.name],
  };
}

/**
 * For each promised column of a view the index of the column of its query: by name where the query still has it, else by
 * position. Throws INCOMPATIBLE_VIEW_SCHEMA_CHANGE.
 */
export function viewSources(
  given: readonly QueryColumn[],
  columns: readonly QueryColumn[],
  qualifier: readonly string[],
  range: Range,
): number[] {
  const same = columns.length === given.length;
  return columns.map((column, index) => {
    const matching = given.flatMap((candidate, at) =>
      candidate.name.toLowerCase() === column.name.toLowerCase() ? [at] : [],
    );
    if (same && (matching.length !== 1 || matching[0] === index)) return index;
    if (matching.length === 1) return matching[0]!;
    throw fail(
      'INCOMPATIBLE_VIEW_SCHEMA_CHANGE',
      `The query of the view ${quotedName(qualifier)} no longer gives the columns that the view had when it was made. Make it anew with CREATE OR REPLACE VIEW.`,
      range,
    );
  });
}

/** The columns of a view are those of its creation, in the stored types. */
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
  const sources = viewSources(query.columns, columns, qualifier, range);
  const items = columns.map((column, index) => {
    const source = query.columns[sources[index]!]!;
    const at = sql`${inner}.${engineColumn(sources[index]!)}`;
    const value = implicitCast({ ...source, sql: at }, column.type, session, range);
    return sql`${value.sql} AS ${engineColumn(index)}`;
  });
  const unchanged =
    columns.length === query.columns.length &&
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

// Files hold variants in another form than expressions do.
const variantColumn = (table: CatalogTable, column: string): Error =>
  userError(
    'UNSUPPORTED_FEATURE',
    `The column ${column} of ${table.name} is a VARIANT, which SQL reads in expressions only, not from tables. Leave it out, or read it with boathouse delta rows.`,
    { sqlState: '0A000' },
  );

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
      use: () => {
        if (holdsVariant(type)) throw variantColumn(table, column.name);
        state.need(index, column.name);
      },
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
export function timeTravel(node: TableRef, context: FromContext): { versionAsOf?: number; timestampAsOfMs?: number } {
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
