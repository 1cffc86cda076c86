import type { Call, Expression, Name } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression, valueExpression } from './expression.ts';
import { identifier, isIdentifier } from './names.ts';
import { query, startsQuery } from './query.ts';
import { typeRef } from './types.ts';
import { overClause, sortItem } from './windows.ts';

/** `(`: a subquery, a row, a lambda's parameters, or just an expression in parentheses (which leaves no node). */
export function parenthesised(cursor: Cursor): Expression {
  const mark = cursor.mark();
  if (startsQuery(cursor, 1)) {
    const found = cursor.parenthesised(() => query(cursor));
    return { kind: 'subquery', query: found, range: cursor.rangeFrom(mark) };
  }
  if (cursor.afterClosing(0)?.key === '->') {
    const params = cursor.parenthesised(() => cursor.list(() => identifier(cursor, 'a parameter')));
    if (params.length < 2) throw cursor.syntaxError('A lambda of one parameter is written without parentheses: x -> …');
    cursor.expect('->');
    const body = expression(cursor);
    return { kind: 'lambda', params, body, range: cursor.rangeFrom(mark) };
  }
  const items = cursor.parenthesised(() => cursor.list(() => aliasable(cursor)));
  const only = items.length === 1 ? items[0]! : undefined;
  if (only?.kind === 'aliased')
    throw cursor.syntaxError('One value in parentheses takes no alias inside.', only.alias.range);
  if (only) return only;
  return { kind: 'row', items, range: cursor.rangeFrom(mark) };
}

/** `expression [AS alias]`. */
export function aliasable(cursor: Cursor): Expression {
  const value = expression(cursor);
  if (!cursor.accept('AS')) return value;
  return { kind: 'aliased', value, alias: identifier(cursor, 'an alias'), range: cursor.since(value) };
}

/** The call of `name`; the cursor stands at its parenthesis. `mark` is where the name begins. */
export function call(cursor: Cursor, mark: number, name: Name): Call {
  const node: Call = { kind: 'call', name, args: [], named: [], distinct: false, range: name.range };
  const lower = name.parts.length === 1 ? name.parts[0]!.name.toLowerCase() : '';
  cursor.expect('(');
  if (!cursor.is(')')) {
    if (unitFunctions.has(lower)) node.unit = unitArgument(cursor);
    else if (cursor.is('DISTINCT') && isQuantifier(cursor)) {
      cursor.next();
      node.distinct = true;
    } else if (cursor.is('ALL') && isQuantifier(cursor)) cursor.next();
    cursor.list(() => argument(cursor, node, lower));
    if (nullsInside.has(lower)) node.nulls = nullTreatment(cursor);
  }
  cursor.expect(')');
  return suffixes(cursor, mark, node);
}

/** What may follow the arguments: WITHIN GROUP, FILTER, IGNORE NULLS, OVER, in this order. */
function suffixes(cursor: Cursor, mark: number, node: Call): Call {
  if (cursor.acceptAll('WITHIN', 'GROUP')) {
    node.withinGroup = cursor.parenthesised(() => {
      cursor.expect('ORDER', 'BY');
      return cursor.list(() => sortItem(cursor));
    });
  }
  if (cursor.are('FILTER', '(')) {
    cursor.next();
    node.filter = cursor.parenthesised(() => {
      cursor.expect('WHERE');
      return expression(cursor);
    });
  }
  node.nulls ??= nullTreatment(cursor);
  if (cursor.is('OVER') && (cursor.peek(1).key === '(' || isWindowName(cursor))) {
    cursor.next();
    node.over = overClause(cursor);
  }
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** `sum(1) OVER ORDER BY 1` has an alias and an ordering, no window. */
function isWindowName(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  return isIdentifier({ token: next }) && next.key !== 'FROM' && !(next.key === 'ORDER' && cursor.peek(2).key === 'BY');
}

function nullTreatment(cursor: Cursor): Call['nulls'] {
  if (cursor.acceptAll('IGNORE', 'NULLS')) return 'ignore';
  if (cursor.acceptAll('RESPECT', 'NULLS')) return 'respect';
  return undefined;
}

/** Aggregates whose IGNORE NULLS may stand among the arguments. */
const nullsInside: ReadonlySet<string> = new Set([
  'first',
  'last',
  'first_value',
  'last_value',
  'any_value',
  'lag',
  'lead',
  'nth_value',
]);

/** DISTINCT and ALL are columns where an argument ends right after them. */
function isQuantifier(cursor: Cursor): boolean {
  const { key } = cursor.peek(1);
  return key !== ',' && key !== ')' && key !== '.';
}

const unitFunctions: ReadonlySet<string> = new Set([
  ...['timestampadd', 'dateadd', 'date_add', 'timestampdiff', 'datediff', 'date_diff', 'timediff'],
]);
const units: ReadonlySet<string> = new Set([
  ...['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'DAYOFYEAR', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND'],
]);

/** The unit that opens the arguments of DATEADD(unit, n, d): only where three arguments are meant. */
function unitArgument(cursor: Cursor): string | undefined {
  if (cursor.peek(1).key !== ',' || !units.has(cursor.token.key)) return undefined;
  // date_add(day, 1) has a column of that name: two commas at this level tell.
  let depth = 0;
  for (let ahead = 2; ; ahead += 1) {
    const { kind, key } = cursor.peek(ahead);
    if (key === '(' || key === '[') depth += 1;
    else if (key === ')' || key === ']') depth -= 1;
    if (depth < 0 || kind === 'eof') return undefined;
    if (depth === 0 && key === ',') break;
  }
  const unit = cursor.next().key;
  cursor.expect(',');
  return unit;
}

function argument(cursor: Cursor, node: Call, lower: string): void {
  if (isIdentifier(cursor) && cursor.peek(1).key === '=>') {
    const name = identifier(cursor);
    cursor.next();
    node.named.push({ name, value: expression(cursor) });
    return;
  }
  if (node.named.length > 0) {
    throw cursor.error(
      'UNEXPECTED_POSITIONAL_ARGUMENT',
      'An argument without a name cannot follow one with a name.',
      '4274K',
    );
  }
  node.args.push(lower === 'struct' ? aliasable(cursor) : expression(cursor));
}

type SpecialCall = (cursor: Cursor) => Expression | undefined;

/** Forms with words among the arguments. `undefined` (with the cursor unmoved): an ordinary call after all. */
export const specialCalls: Record<string, SpecialCall> = {
  CAST: (cursor) => cast(cursor, 'cast'),
  TRY_CAST: (cursor) => cast(cursor, 'try_cast'),
  EXISTS: exists,
  EXTRACT: extract,
  TRIM: trim,
  SUBSTRING: substring,
  SUBSTR: substring,
  POSITION: position,
  OVERLAY: overlay,
};

function cast(cursor: Cursor, mode: 'cast' | 'try_cast'): Expression {
  const mark = cursor.mark();
  cursor.next();
  cursor.expect('(');
  const operand = expression(cursor);
  cursor.expect('AS');
  const to = typeRef(cursor);
  cursor.expect(')');
  return { kind: 'cast', mode, operand, to, range: cursor.rangeFrom(mark) };
}

function exists(cursor: Cursor): Expression | undefined {
  if (!startsQuery(cursor, 2)) return undefined;
  const mark = cursor.mark();
  cursor.next();
  const found = cursor.parenthesised(() => query(cursor));
  return { kind: 'exists', query: found, range: cursor.rangeFrom(mark) };
}

function extract(cursor: Cursor): Expression | undefined {
  if (cursor.peek(3).key !== 'FROM') return undefined;
  const mark = cursor.mark();
  cursor.next();
  cursor.expect('(');
  const field = cursor.token.kind === 'string' ? cursor.expectString() : identifier(cursor, 'a field').name;
  cursor.expect('FROM');
  const source = valueExpression(cursor);
  cursor.expect(')');
  return { kind: 'extract', field, source, range: cursor.rangeFrom(mark) };
}

const trimSides: ReadonlySet<string> = new Set(['BOTH', 'LEADING', 'TRAILING']);

function trim(cursor: Cursor): Expression | undefined {
  if (isPlainCall(cursor)) return undefined;
  const mark = cursor.mark();
  const name = functionName(cursor);
  cursor.expect('(');
  const sided = cursor.isOneOf(trimSides) && cursor.peek(1).key !== ',' && cursor.peek(1).key !== ')';
  const side = sided ? (cursor.next().key.toLowerCase() as 'both' | 'leading' | 'trailing') : 'both';
  const characters = sided && cursor.is('FROM') ? undefined : expression(cursor);
  if (!sided && characters && !cursor.is('FROM')) return restOfCall(cursor, mark, name, characters);
  cursor.expect('FROM');
  const source = valueExpression(cursor);
  cursor.expect(')');
  return { kind: 'trim', side, characters, source, range: cursor.rangeFrom(mark) };
}

function functionName(cursor: Cursor): Name {
  const part = identifier(cursor);
  return { parts: [part], range: part.range };
}

/** No arguments, or DISTINCT or a named argument first: nothing that a form with words begins with. */
function isPlainCall(cursor: Cursor): boolean {
  const { key } = cursor.peek(2);
  return key === ')' || key === 'DISTINCT' || cursor.peek(3).key === '=>';
}

/** Goes on with an ordinary call whose first argument was read already (reading it again could take exponential time). */
function restOfCall(cursor: Cursor, mark: number, name: Name, first: Expression): Call {
  const node: Call = { kind: 'call', name, args: [first], named: [], distinct: false, range: name.range };
  while (cursor.accept(',')) argument(cursor, node, name.parts[0]!.name.toLowerCase());
  cursor.expect(')');
  return suffixes(cursor, mark, node);
}

/** A call whose arguments are joined by words, the last of which may be missing; or an ordinary call. */
function wordedCall(cursor: Cursor, words: string[], optional: number, firstOf = expression): Expression | undefined {
  if (isPlainCall(cursor)) return undefined;
  const mark = cursor.mark();
  const name = functionName(cursor);
  cursor.expect('(');
  const args = [firstOf(cursor)];
  if (!cursor.is(words[0]!)) return restOfCall(cursor, mark, name, args[0]!);
  words.forEach((word, index) => {
    if (index < words.length - optional) cursor.expect(word);
    else if (!cursor.accept(word)) return;
    args.push(valueExpression(cursor));
  });
  cursor.expect(')');
  return { kind: 'call', name: renamed(name), args, named: [], distinct: false, range: cursor.rangeFrom(mark) };
}

/** Spark reads these forms as calls of another name, which it prints. */
function renamed(name: Name): Name {
  const to: Record<string, string> = { substr: 'substring', position: 'locate' };
  const parts = name.parts.map((part) => ({ ...part, name: to[part.name.toLowerCase()] ?? part.name }));
  return { ...name, parts };
}

function substring(cursor: Cursor): Expression | undefined {
  return wordedCall(cursor, ['FROM', 'FOR'], 1);
}

function position(cursor: Cursor): Expression | undefined {
  // IN would otherwise be read as a predicate.
  return wordedCall(cursor, ['IN'], 0, valueExpression);
}

function overlay(cursor: Cursor): Expression | undefined {
  return wordedCall(cursor, ['PLACING', 'FROM', 'FOR'], 1);
}
