import type { Call, Expression } from '../ast/index.ts';
import { type Sql, sql } from '../emit/text.ts';
import { defaultName, type FunctionCall, type FunctionRow, type LambdaArgument } from '../functions/row.ts';
import { stringLiteral } from '../types/index.ts';
import { expandStar } from './column.ts';
import type { Context } from './context.ts';
import { fail, quotedName, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { isGenerator } from './generator.ts';
import { groupingCall } from './grouping-function.ts';
import { isGroupingFunction } from './inspect.ts';
import { integerLiteral, lookup, lookupCall, nullOf, placed } from './library.ts';
import { routineCall } from './routine.ts';
import { isSparkFunction } from './routine-names.ts';
import { Scope } from './scope.ts';
import type { Typed } from './typed.ts';
import { analyseSortKeys, analyseWindow } from './window.ts';

const noSuffix: Sql = [];

/** Calls a row of the function table on analysed operands: operators, and calls that the analyser makes itself. */
export function callRow(name: string, args: Typed[], context: Context, range: Range): Typed {
  const row = lookup(name);
  if (!row)
    throw fail('UNSUPPORTED_FUNCTION', `The operator or function ${name.toUpperCase()} is not supported.`, range);
  return build(row, {
    name,
    args,
    lambdas: new Map(),
    distinct: false,
    ignoreNulls: false,
    orderWithin: [],
    suffix: noSuffix,
    over: false,
    wholeWindow: false,
    session: context.state.expressionSession(context.environment),
    range,
  });
}

/** Operands may be written more than once in engine text, so that nesting could double it at every level. */
const longest = 200_000;
const textLength = (text: Sql): number =>
  text.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 8), 0);

function build(row: FunctionRow, call: FunctionCall): Typed {
  const { args, range } = call;
  if (args.length < row.minArgs || args.length > row.maxArgs) {
    const wanted = row.minArgs === row.maxArgs ? `${row.minArgs}` : `${row.minArgs} to ${row.maxArgs}`;
    throw fail(
      'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
      `The function ${call.name} takes ${wanted} arguments, but ${args.length} were given.`,
      range,
    );
  }
  const result = placed(range, () => row.build(call));
  if (textLength(result.sql) > longest)
    throw unsupported('An expression as deep as this', range, 'Compute its parts in a subquery.');
  return { ...result, name: result.name ?? defaultName(row, call) };
}

/** Values that come from the session and not from data. */
const sessionValues: Record<string, (context: Context) => string> = {
  current_user: ({ state }) => state.options.principal.name,
  user: ({ state }) => state.options.principal.name,
  session_user: ({ state }) => state.options.principal.name,
  current_catalog: ({ environment }) => environment.catalog,
  current_database: ({ environment }) => environment.schema,
  current_schema: ({ environment }) => environment.schema,
};

export function analyseCall(node: Call, context: Context): Typed {
  const { range } = node;
  const parts = node.name.parts.map((part) => part.name);
  const written = parts.join('.');
  const name = parts.at(-1)!.toLowerCase();
  const builtin = /^(system\.)?builtin\./i.test(written);
  if (builtin) return analyseCall({ ...node, name: { ...node.name, parts: node.name.parts.slice(-1) } }, context);
  if (parts.length > 1 || (!lookupCall(name) && !isSparkFunction(name))) {
    const found = routineCall(node, context);
    if (found) return found;
    if (parts.length > 1) throw fail('UNRESOLVED_ROUTINE', `Cannot resolve the routine ${quotedName(parts)}.`, range);
  }
  if (isGroupingFunction(name)) return groupingCall(node, name, context);
  const sessionValue = Object.hasOwn(sessionValues, name) ? sessionValues[name] : undefined;
  if (sessionValue && node.args.length === 0 && !node.over) {
    if (context.environment.path.length === 0) context.state.notColumns.add(range.start);
    return {
      ...stringLiteral(sessionValue(context)),
      name: `${name === 'current_database' ? 'current_schema' : name}()`,
      constant: undefined,
    };
  }
  if (isGenerator(name)) {
    const nested = context.clause === 'SELECT' ? 'NESTED_IN_EXPRESSIONS' : 'OUTSIDE_SELECT';
    throw fail(
      `UNSUPPORTED_GENERATOR.${nested}`,
      `The generator ${name} may stand only as an item of a select list, in LATERAL VIEW, or in FROM.`,
      range,
    );
  }
  if (node.unit) return unitCall(node, name, context);
  const row = lookupCall(name);
  if (!row) throw unknownFunction(written, name, range);
  if (node.named.length) throw unsupported(`Named arguments of ${name}`, range, 'Give the arguments by position.');
  if (row.kind === 'generator') throw unsupported(`The generator ${name} here`, range);
  checkClauses(node, row, context);
  const inner: Context =
    row.kind === 'aggregate' && !node.over
      ? { ...context, grouping: undefined, insideAggregate: true, windows: undefined, clause: 'an aggregate function' }
      : node.over
        ? { ...context, windows: undefined, clause: 'a window function' }
        : context;
  const { args, lambdas } = analyseArguments(node, row, inner);
  const filter = node.filter && analyse(node.filter, inner);
  if (filter && filter.type.kind !== 'boolean') {
    throw fail(
      'INVALID_AGGREGATE_FILTER.NOT_BOOLEAN',
      'The FILTER expression must be of the type boolean.',
      node.filter!.range,
    );
  }
  const orderWithin = node.withinGroup ? analyseSortKeys(node.withinGroup, inner).keys : [];
  const filterText = filter ? sql` FILTER (WHERE ${filter.sql})` : noSuffix;
  const window =
    node.over && analyseWindow(node.over, row, args, { ...context, windows: undefined }, context.windows!, range);
  const call: FunctionCall = {
    name,
    args: filter ? args.map((arg) => behindFilter(arg, filter)) : args,
    lambdas,
    distinct: node.distinct,
    ignoreNulls: node.nulls === 'ignore',
    orderWithin,
    suffix: window ? sql`${filterText} OVER (${window.sql})` : filterText,
    over: !!node.over,
    wholeWindow: window?.whole ?? false,
    session: context.state.expressionSession(context.environment),
    range,
  };
  const built = build(row, call);
  const typed: Typed = {
    ...built,
    name: filter ? `${built.name} FILTER (WHERE ${filter.name})` : built.name,
    foldable: row.kind === 'scalar' && built.foldable,
  };
  if (window) return { ...typed, name: `${typed.name} OVER (${window.name})`, window: true };
  if (row.kind === 'aggregate') return context.grouping!.add(typed);
  return typed;
}

/**
 * The engine computes an argument for every row and filters then; a row that the filter leaves out must not fail. Constants
 * stay as they are, for the functions that need them.
 */
function behindFilter(arg: Typed, filter: Typed): Typed {
  const plain = arg.sql.length === 1 && typeof arg.sql[0] === 'string' && /^[\w."]+$/.test(arg.sql[0]);
  if (plain || arg.foldable || arg.constant || filter.volatile) return arg;
  return { ...arg, sql: sql`CASE WHEN ${filter.sql} THEN ${arg.sql} END`, nullable: true };
}

/** DATEADD(unit, n, d) and DATEDIFF(unit, a, b) by any of their names. */
function unitCall(node: Call, name: string, context: Context): Typed {
  const target = /diff$/.test(name) ? 'timestampdiff' : 'timestampadd';
  const args = [stringLiteral(node.unit!), ...node.args.map((arg) => analyse(arg, context))];
  return callRow(target, args, context, node.range);
}

function unknownFunction(written: string, name: string, range: Range): Error {
  if (isSparkFunction(name)) {
    return fail('UNSUPPORTED_FUNCTION', `The function ${written} is not supported by the embedded engine.`, range);
  }
  return fail(
    'UNRESOLVED_ROUTINE',
    `Cannot resolve the routine \`${written}\`: there is no function of this name.`,
    range,
  );
}

function analyseArguments(node: Call, row: FunctionRow, context: Context) {
  const args: Typed[] = [];
  const lambdas = new Map<number, LambdaArgument>();
  const isCount = row.name === 'count';
  for (const arg of node.args) {
    if (arg.kind === 'star') {
      if (
        isCount &&
        arg.qualifier.length === 0 &&
        arg.except.length === 0 &&
        node.args.length === 1 &&
        !node.distinct
      ) {
        args.push(integerLiteral(1n, 'int'));
        continue;
      }
      if (isCount && arg.qualifier.length > 0) {
        throw fail(
          'INVALID_USAGE_OF_STAR_WITH_TABLE_IDENTIFIER_IN_COUNT',
          'A qualified star is not allowed inside count; write count(*).',
          arg.range,
        );
      }
      args.push(...expandStar(arg, context).map(({ typed }) => typed));
    } else if (arg.kind === 'lambda') {
      if (!row.lambdas)
        throw fail(
          'INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION',
          `The function ${row.name} takes no lambda.`,
          arg.range,
        );
      lambdas.set(args.length, lambdaArgument(arg, context));
      args.push({ ...nullOf({ kind: 'void' }), name: 'lambda' });
    } else {
      args.push(analyse(arg, context));
    }
  }
  return { args, lambdas };
}

function lambdaArgument(node: Extract<Expression, { kind: 'lambda' }>, context: Context): LambdaArgument {
  return {
    arity: node.params.length,
    bind(params) {
      const names = params.map(() => context.state.alias('__x'));
      const columns = params.map((param, index) => ({
        name: node.params[index]!.name,
        qualifier: [],
        type: param.type,
        nullable: param.nullable,
        sql: [names[index]!],
      }));
      const scope = new Scope(columns, context.scope, true);
      const body = analyse(node.body, { ...context, scope, windows: undefined });
      const printed = node.params.map(() => 'namedlambdavariable()').join(', ');
      return { names, body: { ...body, name: `lambdafunction(${body.name}, ${printed})` } };
    },
  };
}

/** Where aggregate and window calls may not stand, with Spark's conditions. */
function checkClauses(node: Call, row: FunctionRow, context: Context): void {
  const { range } = node;
  if (node.over) {
    if (row.kind !== 'aggregate' && row.kind !== 'window') {
      throw fail('UNSUPPORTED_EXPR_FOR_WINDOW', `The function ${row.name} cannot be used with OVER.`, range);
    }
    if (!context.windows) {
      if (context.insideAggregate) {
        throw unsupported('A window function inside an aggregate function', range, 'Compute it in a subquery.');
      }
      if (context.clause === 'a window function')
        throw unsupported('A window function inside a window function', range);
      throw fail(
        'WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE',
        `The window function ${row.name} is not allowed in the clause ${context.clause}. Compute it in a subquery, or use QUALIFY.`,
        range,
      );
    }
    if (node.distinct) {
      throw fail('DISTINCT_WINDOW_FUNCTION_UNSUPPORTED', 'Distinct window functions are not supported.', range);
    }
    return;
  }
  if (row.kind === 'window') {
    throw fail('WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE', `The window function ${row.name} needs an OVER clause.`, range);
  }
  if (row.kind === 'aggregate') {
    if (context.insideAggregate) {
      throw fail(
        'NESTED_AGGREGATE_FUNCTION',
        'It is not allowed to use an aggregate function in the argument of another aggregate function. Use the inner one in a subquery.',
        range,
      );
    }
    if (context.grouping) return;
    if (context.clause === 'WHERE') {
      throw fail(
        'INVALID_WHERE_CONDITION',
        `The WHERE clause may not hold the aggregate function ${row.name}. Use HAVING.`,
        range,
      );
    }
    if (context.clause === 'GROUP BY') {
      throw fail(
        'GROUP_BY_AGGREGATE',
        `Aggregate functions are not allowed in GROUP BY, but found ${row.name}.`,
        range,
      );
    }
    throw unsupported(`The aggregate function ${row.name} in ${context.clause}`, range);
  }
  if (node.distinct || node.filter || node.withinGroup || node.nulls) {
    const syntax = node.distinct
      ? 'DISTINCT'
      : node.filter
        ? 'FILTER'
        : node.withinGroup
          ? 'WITHIN GROUP'
          : 'IGNORE NULLS';
    throw fail(
      'INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX',
      `The function ${row.name} does not support ${syntax}.`,
      range,
    );
  }
}
