import { type FunctionParameter, parseType, type SqlFunction, typeText } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from '../analyse/inspect.ts';
import { castTo } from '../analyse/library.ts';
import { analyseQuery } from '../analyse/query.ts';
import { isSparkFunction } from '../analyse/routine-names.ts';
import { Scope, type ScopeColumn } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName } from '../analyse/table.ts';
import { isSession } from '../analyse/variable.ts';
import type { CreateFunction, DropFunction, RoutineParameter } from '../ast/index.ts';
import { sql } from '../emit/text.ts';
import { partsOf, requireOn, schemaOf } from './names.ts';
import { nothing, type Planned } from './planned.ts';

/** CREATE FUNCTION: the body is analysed over its parameters, so that a wrong one is refused now and not when it is called. */
export function planCreateFunction(node: CreateFunction, state: PlanState): Planned {
  const parts = partsOf(node.name);
  const name = parts.at(-1)!;
  if (node.temporary && parts.length > 1 && !isSession(parts.slice(0, -1))) {
    throw fail('INVALID_TEMP_OBJ_QUALIFIER', 'A temporary function has a name of one part.', node.name.range);
  }
  checkParameters(node);
  const routine = described(node, name, state);
  const { range } = node.name;
  if (node.temporary) {
    const kept = state.session.tempFunctions ?? {};
    if (Object.hasOwn(kept, name.toLowerCase()) && !node.orReplace) throw exists([name], range);
    return nothing(state, { ...state.session, tempFunctions: { ...kept, [name.toLowerCase()]: routine } });
  }
  const [used] = state.temporary;
  if (used !== undefined) {
    throw fail(
      'INVALID_TEMP_OBJ_REFERENCE',
      `The function cannot use ${quotedName([used])}, which belongs to the session: it would outlive it.`,
      node.range,
    );
  }
  const [catalog, schemaName] = fullName(node.name, state.environment);
  const schema = schemaOf(state, catalog, schemaName, range);
  const { principal } = state.options;
  const existing = state.cache.routine(principal, schema.catalog, schema.name, name);
  if (existing && node.ifNotExists) return nothing(state);
  if (existing && !node.orReplace) throw exists([schema.catalog, schema.name, name], range);
  const privilege = existing && existing.ownerId !== principal.userId ? 'MANAGE' : 'CREATE FUNCTION';
  requireOn(state, 'schema', schema.id, `${schema.catalog}.${schema.name}`, privilege);
  return {
    kind: 'command',
    command: {
      command: 'createFunction',
      catalog: schema.catalog,
      schema: schema.name,
      routine,
      orReplace: node.orReplace,
    },
    requires: state.ownRequirements(),
  };
}

const exists = (parts: string[], range: CreateFunction['range']) =>
  fail('ROUTINE_ALREADY_EXISTS', `The function ${quotedName(parts)} is there already. Use CREATE OR REPLACE.`, range);

const userError = (why: string, message: string, range: CreateFunction['range']) =>
  fail(`USER_DEFINED_FUNCTIONS.${why}`, message, range);

function checkParameters(node: CreateFunction): void {
  const columns = node.returns?.kind === 'table' ? (node.returns.columns ?? []) : [];
  twice(node.parameters, 'DUPLICATE_ROUTINE_PARAMETER_NAMES');
  twice(columns, 'DUPLICATE_ROUTINE_RETURNS_COLUMNS');
  let optional = false;
  for (const parameter of node.parameters) {
    if (optional && !parameter.default) {
      const why = 'A parameter behind one with a default needs a default too.';
      throw userError('NOT_A_VALID_DEFAULT_PARAMETER_POSITION', why, parameter.range);
    }
    optional ||= parameter.default !== undefined;
    if (parameter.default && holdsSubquery(parameter.default))
      throw userError('NOT_A_VALID_DEFAULT_EXPRESSION', 'A default cannot hold a subquery.', parameter.range);
  }
  const types = [...node.parameters, ...columns].map(({ type }) => type.type);
  if (node.returns?.kind === 'type') types.push(node.returns.type.type);
  if (types.some(({ kind }) => kind === 'char' || kind === 'varchar')) {
    const why = 'A function cannot have the types char and varchar. Use STRING.';
    throw fail('UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING', why, node.range);
  }
}

function twice(parameters: readonly RoutineParameter[], code: string): void {
  const seen = new Set<string>();
  for (const { name, range } of parameters) {
    if (seen.has(name.name.toLowerCase())) throw fail(code, `The name ${quotedName([name.name])} stands twice.`, range);
    seen.add(name.name.toLowerCase());
  }
}

/** The function as it is kept, its types found out where they are not written. */
function described(node: CreateFunction, name: string, state: PlanState): SqlFunction {
  const { environment } = state;
  const session = state.expressionSession(environment);
  const plain = { state, environment, ctes: new Map(), clause: 'SELECT' };
  for (const { default: value, type } of node.parameters) {
    if (value) castTo(analyse(value, { ...plain, scope: new Scope([]) }), type.type, false, session, value.range);
  }
  const columns = node.parameters.map(
    (parameter): ScopeColumn => ({
      name: parameter.name.name,
      qualifier: [name],
      type: parameter.type.type,
      nullable: true,
      sql: sql`CAST(NULL AS INTEGER)`,
    }),
  );
  const scope = new Scope(columns);
  const kept = {
    name,
    parameters: node.parameters.map(keptParameter),
    body: node.bodyText,
    ...(node.comment === undefined ? {} : { comment: node.comment }),
    deterministic: node.deterministic,
    catalog: environment.catalog,
    schema: environment.schema,
  };
  if (node.returns?.kind === 'table') return { ...kept, columns: returnedColumns(node, node.returns, scope, state) };
  const { body } = node;
  const value =
    body.kind === 'expression'
      ? body.value
      : ({ kind: 'subquery', query: body.query, range: body.query.range } as const);
  if (body.kind === 'expression' && (holdsAggregate(body.value) || holdsWindow(body.value))) {
    const why = 'The body of a scalar function cannot hold aggregate or window functions. Use a subquery.';
    throw userError('CANNOT_CONTAIN_COMPLEX_FUNCTIONS', why, body.value.range);
  }
  // In a select list, as where it is called.
  const typed = inSelect(state, () => analyse(value, { ...plain, scope }));
  const returns = node.returns?.type.type ?? typed.type;
  if (typeText(returns) !== typeText(typed.type)) castTo(typed, returns, false, session, value.range);
  return { ...kept, returns: typeText(returns) };
}

function inSelect<T>(state: PlanState, work: () => T): T {
  state.queryDepth += 1;
  try {
    return work();
  } finally {
    state.queryDepth -= 1;
  }
}

const keptParameter = ({ name, type, defaultText, comment }: RoutineParameter): FunctionParameter => ({
  name: name.name,
  type: typeText(type.type),
  ...(defaultText === undefined ? {} : { defaultText }),
  ...(comment === undefined ? {} : { comment }),
});

function returnedColumns(
  node: CreateFunction,
  returns: Extract<CreateFunction['returns'], { kind: 'table' }>,
  scope: Scope,
  state: PlanState,
): NonNullable<SqlFunction['columns']> {
  if (node.body.kind !== 'query')
    throw userError(
      'SQL_TABLE_UDF_BODY_MUST_BE_A_QUERY',
      'A function that returns a table has a query as its body.',
      node.range,
    );
  const { query } = node.body;
  const { environment } = state;
  const found = analyseQuery(query, { state, environment, ctes: new Map(), around: scope });
  if (!returns.columns) {
    const select = query.body.kind === 'select' ? query.body : undefined;
    const unnamed = select?.items.some(
      ({ value, alias }) => !alias && !['column', 'star', 'field'].includes(value.kind),
    );
    if (unnamed)
      throw userError('SQL_TABLE_UDF_MISSING_COLUMN_NAMES', 'Each column of the query needs a name here.', query.range);
    return found.columns.map(({ name, type }) => ({ name, type: typeText(type), nullable: true }));
  }
  if (returns.columns.length !== found.columns.length) {
    const why = `The function returns ${returns.columns.length} columns, but its query gives ${found.columns.length}.`;
    throw userError('RETURN_COLUMN_COUNT_MISMATCH', why, query.range);
  }
  return returns.columns.map(({ name, type, comment }) => ({
    name: name.name,
    type: typeText(parseType(typeText(type.type))),
    nullable: true,
    ...(comment === undefined ? {} : { comment }),
  }));
}

/** DROP [TEMPORARY] FUNCTION. */
export function planDropFunction(node: DropFunction, state: PlanState): Planned {
  const parts = partsOf(node.name);
  const name = parts.at(-1)!;
  const key = name.toLowerCase();
  const notFound = () =>
    fail('ROUTINE_NOT_FOUND', `The function ${quotedName(parts)} cannot be found.`, node.name.range);
  const kept = state.session.tempFunctions ?? {};
  if (node.temporary) {
    if (!Object.hasOwn(kept, key)) {
      if (node.ifExists) return nothing(state);
      throw notFound();
    }
    const { [key]: _dropped, ...tempFunctions } = kept;
    return nothing(state, { ...state.session, tempFunctions });
  }
  if (parts.length === 1 && Object.hasOwn(kept, key))
    throw unsupported(`DROP FUNCTION of the temporary function ${name}`, node.range, 'Use DROP TEMPORARY FUNCTION.');
  const [catalog, schemaName] = fullName(node.name, state.environment);
  const { principal } = state.options;
  const existing = state.cache.routine(principal, catalog, schemaName, name);
  if (!existing) {
    if (parts.length === 1 && isSparkFunction(key))
      throw fail('FORBIDDEN_OPERATION', `The function ${name} is one of Spark's and cannot be dropped.`, node.range);
    if (node.ifExists) return nothing(state);
    throw notFound();
  }
  const { place } = existing;
  schemaOf(state, place.catalog, place.schema, node.name.range);
  requireOn(state, 'schema', place.id, `${place.catalog}.${place.schema}`, 'MANAGE');
  return {
    kind: 'command',
    command: { command: 'dropFunction', catalog: place.catalog, schema: place.schema, name: existing.routine.name },
    requires: state.ownRequirements(),
  };
}
