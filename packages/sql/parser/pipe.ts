import type { Identifier, PipeOperator, QueryBody, QueryOrder, SelectItem } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier } from './names.ts';
import { pivot, unpivot } from './pivot.ts';
import { organise, queryPrimary, setQuantifier } from './query.ts';
import { joinRest } from './relations.ts';
import { sample } from './sample.ts';
import { pipeSelect, selectItem } from './select.ts';
import { namedWindows } from './windows.ts';

/** `input |> operator |> operator …`: the cursor stands after the input. */
export function pipes(cursor: Cursor, input: QueryBody): QueryBody {
  let body = input;
  for (let length = 1; cursor.accept('|>'); length += 1) {
    cursor.limitChain(length, 'value');
    const mark = cursor.mark();
    const operator = pipeOperator(cursor);
    body = {
      kind: 'pipe',
      input: body,
      operator: { ...operator, range: cursor.rangeFrom(mark) },
      range: cursor.since(input),
    };
  }
  return body;
}

type Operator = PipeOperator extends infer O ? (O extends PipeOperator ? Omit<O, 'range'> : never) : never;
type Reader = (cursor: Cursor) => Operator;

/** The operators that one word begins. */
const operators: Record<string, Reader> = {
  SELECT: (cursor) => ({ kind: 'pipeSelect', select: pipeSelect(cursor) }),
  EXTEND: (cursor) => {
    cursor.next();
    return { kind: 'pipeExtend', items: cursor.list(() => selectItem(cursor)) };
  },
  SET: (cursor) => {
    cursor.next();
    return { kind: 'pipeSet', assignments: cursor.list(() => assignment(cursor)) };
  },
  DROP: (cursor) => {
    cursor.next();
    return { kind: 'pipeDrop', columns: cursor.list(() => identifier(cursor, 'the name of a column')) };
  },
  AS: (cursor) => {
    cursor.next();
    return { kind: 'pipeAs', name: identifier(cursor, 'a name for the relation') };
  },
  WHERE: (cursor) => {
    cursor.next();
    return { kind: 'pipeWhere', condition: expression(cursor) };
  },
  AGGREGATE: aggregate,
  PIVOT: (cursor) => ({ kind: 'pipePivot', pivot: pivot(cursor) }),
  UNPIVOT: (cursor) => ({ kind: 'pipePivot', pivot: unpivot(cursor) }),
  TABLESAMPLE: (cursor) => {
    const found = sample(cursor);
    return found ? { kind: 'pipeSample', sample: found } : cursor.fail('a size in parentheses');
  },
  UNION: combine,
  EXCEPT: combine,
  MINUS: combine,
  INTERSECT: combine,
  WINDOW: (cursor) => {
    const mark = cursor.mark();
    cursor.next();
    namedWindows(cursor);
    throw cursor.error(
      'UNSUPPORTED_FEATURE.CLAUSE_WITH_PIPE_OPERATORS',
      'WINDOW cannot stand alone behind |>: write it after the SELECT that uses it.',
      '0A000',
      cursor.rangeFrom(mark),
    );
  },
};

function pipeOperator(cursor: Cursor): Operator {
  const { key } = cursor.token;
  const read = Object.hasOwn(operators, key) ? operators[key] : undefined;
  if (read) return read(cursor);
  const join = joinRest(cursor);
  if (join) return { kind: 'pipeJoin', join };
  // Any of ORDER BY, LIMIT, OFFSET …, also none of them: Spark takes a pipe without an operator.
  const order: QueryOrder = { orderBy: [], sortBy: [], distributeBy: [], clusterBy: [] };
  organise(cursor, order);
  return { kind: 'pipeOrder', order };
}

function assignment(cursor: Cursor): { column: Identifier; value: SelectItem['value'] } {
  const column = identifier(cursor, 'the name of a column');
  if (cursor.is('.')) {
    throw cursor.error(
      '_LEGACY_ERROR_TEMP_0035',
      'SET takes the name of a column without the name of a table.',
      '42000',
    );
  }
  cursor.expect('=');
  return { column, value: expression(cursor) };
}

function combine(cursor: Cursor): Operator {
  const word = cursor.next().key;
  const op = word === 'UNION' ? 'union' : word === 'INTERSECT' ? 'intersect' : 'except';
  const all = setQuantifier(cursor);
  return { kind: 'pipeCombine', op, all, right: queryPrimary(cursor) };
}

const groupingWords: ReadonlySet<string> = new Set(['ROLLUP', 'CUBE', 'GROUPING']);

/** `AGGREGATE [aggregates] [GROUP BY keys]`, where keys may have aliases. */
function aggregate(cursor: Cursor): Operator {
  const mark = cursor.mark();
  cursor.expect('AGGREGATE');
  const grouped = () => cursor.are('GROUP', 'BY');
  const ends = () => cursor.atEnd() || cursor.is('|>') || cursor.is(')');
  const items = grouped() || ends() ? [] : cursor.list(() => selectItem(cursor));
  const keys: SelectItem[] = [];
  if (cursor.acceptAll('GROUP', 'BY')) {
    const analytic = cursor.isOneOf(groupingWords) && cursor.peek(1).key !== ',';
    if (analytic || (cursor.is('ALL') && cursor.peek(1).key !== '.')) throw unsupportedKeys(cursor);
    keys.push(...cursor.list(() => selectItem(cursor)));
    if (cursor.is('WITH') || cursor.is('GROUPING')) throw unsupportedKeys(cursor);
  }
  if (items.length === 0 && keys.length === 0) {
    const range = cursor.rangeFrom(mark);
    throw cursor.error('_LEGACY_ERROR_TEMP_0035', 'AGGREGATE needs aggregates, GROUP BY, or both.', '42000', range);
  }
  return { kind: 'pipeAggregate', items, keys };
}

const unsupportedKeys = (cursor: Cursor) =>
  cursor.error(
    'UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE',
    'AGGREGATE groups by plain keys only: not by ALL, ROLLUP, CUBE or GROUPING SETS.',
    '0A000',
  );
