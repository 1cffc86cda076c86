import { parseType, type SqlFunction, typeText } from '@boathouse/contracts';
import type { Call, Expression } from '../ast/index.ts';
import { walk } from '../ast/index.ts';
import { parseExpression } from '../parser/index.ts';
import type { Context } from './context.ts';
import { fail, quotedName, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { castTo } from './library.ts';
import { analyseQuery } from './query.ts';
import type { AnalysedQuery } from './relation.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { Environment, PlanState } from './state.ts';
import { requireParents } from './table.ts';
import type { Typed } from './typed.ts';
import { isSession } from './variable.ts';

/** A function of the session or of the catalog, and whose rights its body has. */
export interface FoundRoutine {
  routine: SqlFunction;
  /** As Spark prints it: the name alone, or with catalog and schema. */
  shown: string;
  environment: Environment;
}

/**
 * The SQL function that a name means: of the session, then of the current schema; a longer name says which. Null where there is
 * none. Functions of Spark come before both.
 */
export function findRoutine(parts: readonly string[], state: PlanState, environment: Environment): FoundRoutine | null {
  const name = parts.at(-1)!;
  const qualifier = parts.slice(0, -1);
  const key = name.toLowerCase();
  const kept = state.session.tempFunctions ?? {};
  if (isSession(qualifier) && Object.hasOwn(kept, key)) {
    const routine = kept[key]!;
    if (!environment.tempViews) return null;
    state.temporary.add(name);
    const { catalog, schema } = routine;
    return { routine, shown: routine.name, environment: { ...environment, catalog, schema } };
  }
  if (qualifier.length > 2) return null;
  const [catalog, schema] = [qualifier.at(-2) ?? environment.catalog, qualifier.at(-1) ?? environment.schema];
  const found = state.cache.routine(environment.principal, catalog, schema, name);
  if (!found) return null;
  const full = `${found.place.catalog}.${found.place.schema}.${found.routine.name}`;
  if (environment.path.includes(full.toLowerCase())) throw unsupported(`The function ${full}, which calls itself`);
  requireParents(state, environment, found.place.catalog, found.place.schema);
  if (found.ownerId !== environment.principal.userId) {
    const { id, catalog: inCatalog, schema: inSchema } = found.place;
    state.require(environment.principal, {
      kind: 'schema',
      id,
      fullName: `${inCatalog}.${inSchema}`,
      privilege: 'EXECUTE',
    });
  }
  return {
    routine: found.routine,
    shown: full,
    environment: {
      principal: state.cache.principalOf(found.ownerId),
      catalog: found.routine.catalog,
      schema: found.routine.schema,
      tempViews: false,
      path: [...environment.path, full.toLowerCase()],
    },
  };
}

/** A call of a scalar SQL function: its body over the values of its parameters. Undefined where no such function is. */
export function routineCall(node: Call, context: Context): Typed | undefined {
  const { state, environment } = context;
  const { range } = node;
  const found = findRoutine(
    node.name.parts.map((part) => part.name),
    state,
    environment,
  );
  if (!found) return undefined;
  const { routine, shown } = found;
  if (routine.columns) {
    throw fail('NOT_A_SCALAR_FUNCTION', `${shown} gives rows: it can stand in FROM only.`, range);
  }
  if (node.distinct || node.filter || node.withinGroup || node.nulls) {
    throw fail(
      'INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX',
      `The function ${shown} does not support this syntax.`,
      range,
    );
  }
  if (node.over || context.clause === 'ORDER BY' || context.clause === 'LIMIT' || state.queryDepth === 0) {
    throw fail('UNSUPPORTED_SQL_UDF_USAGE', `The SQL function ${shown} cannot be used here.`, range);
  }
  if (context.clause === 'VALUES') {
    const code = 'INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE';
    throw fail(code, `The SQL function ${shown} cannot stand in VALUES. Use SELECT.`, range);
  }
  if (context.scope.lambda) throw unsupported(`The SQL function ${shown} inside a lambda`, range);
  const bound = bindArguments(found, node, context);
  const body = analyseBody(routine, { ...bodyContext(found, context), scope: new Scope(bound.columns) }, bound.values);
  const session = state.expressionSession(environment);
  const returns = parseType(routine.returns ?? typeText(body.type));
  const typed = typeText(body.type) === typeText(returns) ? body : castTo(body, returns, false, session, range);
  return {
    sql: typed.sql,
    type: returns,
    nullable: true,
    name: `${shown}(${bound.printed.join(', ')})`,
    aggregate: bound.values.some((value) => value.aggregate),
    window: bound.values.some((value) => value.window),
    volatile: typed.volatile || !routine.deterministic || bound.values.some((value) => value.volatile),
  };
}

/** The body sees its parameters and what the names of its creation lead to. */
const bodyContext = (found: FoundRoutine, context: Pick<Context, 'state'>): Omit<Context, 'scope'> => ({
  state: context.state,
  environment: found.environment,
  ctes: new Map(),
  clause: 'SELECT',
});

function analyseBody(routine: SqlFunction, context: Context, values: readonly Typed[]): Typed {
  const node = bodyExpression(routine.body, context.state);
  for (const [index, parameter] of routine.parameters.entries()) {
    if (values[index]?.volatile && uses(node, parameter.name) > 1) {
      throw unsupported(`An argument of ${routine.name} that changes with each call, and that its body names twice`);
    }
  }
  try {
    return analyse(node, context);
  } catch (error) {
    // A place in the stored text is none in the statement.
    if (error instanceof Error && 'position' in error) error.position = undefined;
    throw error;
  }
}

/** `RETURN SELECT …` of a scalar function is a scalar subquery. */
const bodyExpression = (body: string, state: PlanState): Expression =>
  /^(select|with|values|from|table)\b/i.test(body.trim())
    ? { kind: 'subquery', query: state.cache.parsed(body), range: { start: 0, end: body.length } }
    : parseExpression(body);

function uses(node: Expression, name: string): number {
  let count = 0;
  walk(node, (child) => {
    if (child.kind !== 'column' || !('parts' in child)) return undefined;
    const { parts } = child as { parts: { name: string }[] };
    if (parts.some((part) => part.name.toLowerCase() === name.toLowerCase())) count += 1;
    return undefined;
  });
  return count;
}

/** Arguments by position and by name, with defaults: the values cast to the types of the parameters, and as Spark prints them. */
export function bindArguments(
  { routine, shown }: FoundRoutine,
  node: { args: Expression[]; named: { name: { name: string; range: Range }; value: Expression }[]; range: Range },
  context: Context,
): { columns: ScopeColumn[]; values: Typed[]; printed: string[] } {
  const { parameters } = routine;
  const { range } = node;
  const firstNamed = node.named[0]?.value.range.start;
  if (firstNamed !== undefined && node.args.some((arg) => arg.range.start > firstNamed)) {
    throw fail('UNEXPECTED_POSITIONAL_ARGUMENT', `${shown}: arguments by position come before those by name.`, range);
  }
  if (node.args.length > parameters.length) throw wrongNumber(shown, parameters.length, node.args.length, range);
  const given: (Expression | undefined)[] = parameters.map((_, index) => node.args[index]);
  const named = new Set<number>();
  for (const { name, value } of node.named) {
    const index = parameters.findIndex((parameter) => parameter.name.toLowerCase() === name.name.toLowerCase());
    if (index < 0) {
      const known = parameters.map((parameter) => quotedName([parameter.name])).join(', ');
      throw fail(
        'UNRECOGNIZED_PARAMETER_NAME',
        `${shown} has no parameter ${quotedName([name.name])}. Did you mean one of ${known}?`,
        range,
      );
    }
    if (given[index]) {
      const why = named.has(index) ? 'DOUBLE_NAMED_ARGUMENT_REFERENCE' : 'BOTH_POSITIONAL_AND_NAMED';
      throw fail(
        `DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.${why}`,
        `${shown}: the parameter ${quotedName([name.name])} gets two values.`,
        range,
      );
    }
    named.add(index);
    given[index] = value;
  }
  const session = context.state.expressionSession(context.environment);
  const values: Typed[] = [];
  const names: string[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const node = given[index];
    if (!node && parameter.defaultText === undefined) {
      throw wrongNumber(shown, parameters.length, given.filter(Boolean).length, range);
    }
    const plain = { ...context, scope: new Scope([]), grouping: undefined };
    const value = node ? analyse(node, context) : analyse(parseExpression(parameter.defaultText!), plain);
    names.push(value.name);
    values.push(castTo(value, parseType(parameter.type), false, session, range));
  }
  const lastGiven = given.findLastIndex((value) => value !== undefined);
  const columns = parameters.map(
    (parameter, index): ScopeColumn => ({
      name: parameter.name,
      qualifier: [routine.name],
      type: parseType(parameter.type),
      nullable: true,
      sql: values[index]!.sql,
    }),
  );
  return { columns, values, printed: names.slice(0, lastGiven + 1) };
}

const wrongNumber = (shown: string, wanted: number, given: number, range: Range) =>
  fail(
    'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
    `The function ${shown} takes ${wanted} arguments, but ${given} were given.`,
    range,
  );

/** A call of a SQL function that returns a table; undefined where no such function is. `args` are analysed in `context`. */
export function routineRelation(
  node: {
    name: { parts: { name: string }[] };
    args: Expression[];
    named: Parameters<typeof bindArguments>[1]['named'];
    range: Range;
  },
  context: Context,
): { routine: SqlFunction; query: AnalysedQuery } | undefined {
  const found = findRoutine(
    node.name.parts.map((part) => part.name),
    context.state,
    context.environment,
  );
  if (!found) return undefined;
  const { routine, shown } = found;
  if (!routine.columns) throw fail('NOT_A_TABLE_FUNCTION', `${shown} gives a value and no rows.`, node.range);
  const { columns } = bindArguments(found, node, context);
  const { state } = context;
  const query = analyseQuery(state.cache.parsed(routine.body), {
    state,
    environment: found.environment,
    ctes: new Map(),
    around: new Scope(columns),
  });
  if (query.columns.length !== routine.columns.length)
    throw unsupported(`The body of ${shown}, which has changed its columns`);
  return { routine, query };
}
