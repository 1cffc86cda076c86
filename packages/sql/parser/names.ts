import type { Expression, Identifier, Name } from '../ast/index.ts';
import { tokenize } from '../lexer/index.ts';
import { Cursor } from './cursor.ts';
import { expression } from './expression.ts';

/** Words that may not stand as an alias or a name of a table, because they join relations. */
const joining: ReadonlySet<string> = new Set([
  ...['ANTI', 'CROSS', 'EXCEPT', 'FULL', 'INNER', 'INTERSECT', 'JOIN', 'LATERAL', 'LEFT', 'MINUS', 'NATURAL', 'ON'],
  ...['RIGHT', 'SEMI', 'UNION', 'USING'],
]);

type Follows = (next: string, afterNext: string) => boolean;
const by: Follows = (next) => next === 'BY';
const anything: Follows = (next) => next !== 'FROM';
const parenthesis: Follows = (next) => next === '(';
const asOf: Follows = (next, afterNext) => next === 'AS' && afterNext === 'OF';

/**
 * Words that begin the next clause (or go on with an expression) where the next tokens are such; otherwise they are
 * aliases like any other word, as in `SELECT price limit FROM t`.
 */
const clauses: ReadonlyMap<string, Follows> = new Map([
  ...['GROUP', 'ORDER', 'SORT', 'CLUSTER', 'DISTRIBUTE'].map((word) => [word, by] as const),
  ...['FROM', 'WHERE', 'HAVING', 'QUALIFY', 'LIMIT', 'OFFSET', 'SELECT'].map((word) => [word, anything] as const),
  ...['AS', 'AND', 'OR', 'NOT', 'IN', 'IS', 'BETWEEN', 'LIKE', 'ILIKE', 'RLIKE', 'DIV'].map(
    (word) => [word, anything] as const,
  ),
  ...['PIVOT', 'TABLESAMPLE'].map((word) => [word, parenthesis] as const),
  ...['VERSION', 'TIMESTAMP', 'SYSTEM_VERSION', 'SYSTEM_TIME'].map((word) => [word, asOf] as const),
  ['UNPIVOT', (next) => next === '(' || next === 'INCLUDE' || next === 'EXCLUDE'],
  ['FOR', (next) => next === 'SYSTEM_VERSION' || next === 'SYSTEM_TIME' || next === 'VERSION' || next === 'TIMESTAMP'],
  ['WINDOW', (_, afterNext) => afterNext === 'AS'],
  ['INSERT', (next) => next === 'INTO' || next === 'OVERWRITE'],
]);

export function isIdentifier(cursor: Pick<Cursor, 'token'>): boolean {
  return cursor.token.kind === 'word' || cursor.token.kind === 'quoted';
}

/** An identifier; any keyword will do. */
export function identifier(cursor: Cursor, what = 'a name'): Identifier {
  const token = cursor.token;
  if (token.kind !== 'word' && token.kind !== 'quoted') cursor.fail(what);
  if (cursor.are('IDENTIFIER', '(') && cursor.peek(2).kind === 'string' && cursor.peek(3).key === ')') {
    const { parts } = identifierClause(cursor);
    if (parts.length === 1) return parts[0]!;
    throw cursor.syntaxError('IDENTIFIER(…) must hold a name of one part here.', parts[0]!.range);
  }
  return plainIdentifier(cursor, what);
}

/** An identifier, and the word IDENTIFIER is one. */
export function plainIdentifier(cursor: Cursor, what = 'a name'): Identifier {
  const token = cursor.token;
  if (token.kind !== 'word' && token.kind !== 'quoted') cursor.fail(what);
  cursor.next();
  return { name: token.value, quoted: token.kind === 'quoted', range: { start: token.start, end: token.end } };
}

/** `a.b.c` or IDENTIFIER(…). */
export function name(cursor: Cursor, what = 'a name'): Name {
  if (cursor.are('IDENTIFIER', '(')) return identifierClause(cursor);
  const mark = cursor.mark();
  const parts = [identifier(cursor, what)];
  while (cursor.accept('.')) parts.push(identifier(cursor));
  refuseHyphen(cursor, parts.at(-1)!);
  return { parts, range: cursor.rangeFrom(mark) };
}

/** `my-table` without back-ticks is a frequent slip and deserves a better message than one about the minus. */
export function refuseHyphen(cursor: Cursor, last: Identifier): void {
  const minus = cursor.token;
  if (minus.key !== '-' || minus.start !== last.range.end || cursor.peek(1).start !== minus.end) return;
  const whole = { start: last.range.start, end: cursor.peek(1).end };
  const written = cursor.text.slice(whole.start, whole.end);
  throw cursor.error(
    'INVALID_IDENTIFIER',
    `The name ${written} is not valid without back-ticks: write \`${written}\`.`,
    '42602',
    whole,
  );
}

/** May this token be an alias that no AS introduces? */
export function isAlias(cursor: Cursor, ofTable: boolean): boolean {
  const token = cursor.token;
  if (token.kind === 'quoted') return true;
  if (token.kind !== 'word') return false;
  const next = cursor.peek(1);
  const isLast = next.kind === 'eof' || next.key === ')' || next.key === ',';
  if (joining.has(token.key)) return !ofTable && isLast;
  return isLast || !clauses.get(token.key)?.(next.key, cursor.peek(2).key);
}

/**
 * IDENTIFIER('text') where the text is known while parsing: literals, parameters and variables, joined by `||` or concat, in
 * lower or upper case. Throws NOT_A_CONSTANT_STRING.
 */
export function identifierClause(cursor: Cursor): Name {
  const mark = cursor.mark();
  cursor.expect('IDENTIFIER');
  const value = cursor.parenthesised(() => expression(cursor));
  const text = constantText(cursor, value);
  const range = cursor.rangeFrom(mark);
  if (text === null)
    throw cursor.error('NOT_A_CONSTANT_STRING.NULL', 'IDENTIFIER(…) of NULL names nothing.', '42601', range);
  if (text.trim() === '')
    throw cursor.error('PARSE_EMPTY_STATEMENT', 'IDENTIFIER(…) of an empty text names nothing.', '42617', range);
  const { tokens } = tokenize(text);
  const inner = new Cursor(text, tokens);
  const parsed = name(inner);
  if (!inner.atEnd()) inner.fail('the end of the name');
  return { parts: parsed.parts.map((part) => ({ ...part, range })), range };
}

function constantText(cursor: Cursor, value: Expression): string | null {
  const { range } = value;
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
    case 'null':
    case 'boolean':
    case 'datetime':
      throw cursor.error('NOT_A_CONSTANT_STRING.WRONG_TYPE', 'IDENTIFIER(…) takes a string.', '42601', range);
    case 'parameter':
    case 'column': {
      const parameters = cursor.options.identifierParameters ?? {};
      if (value.kind === 'parameter' && value.name !== undefined && Object.hasOwn(parameters, value.name))
        return parameters[value.name]!;
      const known = cursor.options.identifierText?.(value);
      if (known !== undefined) return known;
      const why = 'IDENTIFIER(…) takes a string that is known before the statement runs.';
      throw cursor.error('NOT_A_CONSTANT_STRING.NOT_CONSTANT', why, '42601', range);
    }
    case 'binaryOp':
      if (value.op === '||') return joined([value.left, value.right].map((side) => constantText(cursor, side)));
      break;
    case 'call': {
      const called = value.name.parts.length === 1 ? value.name.parts[0]!.name.toLowerCase() : '';
      const texts = () => value.args.map((arg) => constantText(cursor, arg));
      if (called === 'concat') return joined(texts());
      if (called === 'lower' && value.args.length === 1) return texts()[0]?.toLowerCase() ?? null;
      if (called === 'upper' && value.args.length === 1) return texts()[0]?.toUpperCase() ?? null;
      break;
    }
    default:
  }
  throw cursor.unsupported('IDENTIFIER(…) of this expression', range, 'join strings and variables by ||');
}

const joined = (texts: (string | null)[]): string | null => (texts.includes(null) ? null : texts.join(''));
