import type { Case, ColumnRef, Expression, Identifier, JsonPath, Star } from '../ast/index.ts';
import { call, parenthesised, specialCalls } from './calls.ts';
import type { Cursor } from './cursor.ts';
import { expression, valueExpression } from './expression.ts';
import { intervalLiteral, isIntervalLiteral, numberLiteral, typedLiteral } from './literals.ts';
import { identifier, identifierClause, isIdentifier, name, plainIdentifier } from './names.ts';
import { typeRef } from './types.ts';

/** A value with what follows it closely: `.field`, `[index]`, `::type`, `:json.path`, COLLATE. */
export function primary(cursor: Cursor): Expression {
  let base = atom(cursor);
  for (let length = 0; ; length += 1) {
    cursor.limitChain(length, 'value');
    if (cursor.accept('::')) {
      base = { kind: 'cast', mode: 'cast', operand: base, to: typeRef(cursor), range: cursor.since(base) };
    } else if (cursor.accept('[')) {
      const index = valueExpression(cursor);
      cursor.expect(']');
      base = { kind: 'index', base, index, range: cursor.since(base) };
    } else if (cursor.is('.') && base.kind !== 'star') {
      cursor.next();
      base = { kind: 'field', base, name: identifier(cursor, 'the name of a field'), range: cursor.since(base) };
    } else if (cursor.is(':') && (isIdentifier(cursorAt(cursor, 1)) || cursor.peek(1).key === '[')) {
      base = jsonPath(cursor, base);
    } else if (cursor.is('COLLATE') && isIdentifier(cursorAt(cursor, 1))) {
      cursor.next();
      const collation = name(cursor, 'a collation')
        .parts.map((part) => part.name)
        .join('.');
      base = { kind: 'collate', operand: base, collation, range: cursor.since(base) };
    } else {
      return base;
    }
  }
}

/** A view of the cursor's token some tokens ahead, enough for the tests in names.ts. */
const cursorAt = (cursor: Cursor, ahead: number) => ({ token: cursor.peek(ahead) });

/**
 * Words that no operand begins with when an operand follows them: what was forgotten stood before. True: not even as a
 * function. (Of the others Spark has functions: `and(a, b)`, `when(c, a, b)`.)
 */
const neverOperands: ReadonlyMap<string, boolean> = new Map([
  ...['FROM', 'WHERE', 'THEN', 'ELSE', 'AS', 'HAVING', 'UNION', 'JOIN', 'SELECT', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['AND', 'OR', 'WHEN', 'BETWEEN', 'IN', 'IS', 'LIKE', 'NOT'].map((word) => [word, false] as const),
]);

function atom(cursor: Cursor): Expression {
  const { kind } = cursor.token;
  if (kind === 'word') return word(cursor);
  if (kind === 'quoted') return nameOrCall(cursor);
  const mark = cursor.mark();
  if (kind === 'number') return numberLiteral(cursor, mark, false);
  if (kind === 'string') {
    const value = cursor.expectString();
    return { kind: 'string', value, range: cursor.rangeFrom(mark) };
  }
  switch (cursor.token.key) {
    case '-':
      cursor.next();
      if (cursor.token.kind !== 'number') cursor.fail('a number');
      return numberLiteral(cursor, mark, true);
    case '(':
      return parenthesised(cursor);
    case '*':
      cursor.next();
      return star(cursor, mark, []);
    case '?':
      cursor.next();
      return { kind: 'parameter', index: cursor.parameterIndex(mark), range: cursor.rangeFrom(mark) };
    case ':':
      cursor.next();
      return {
        kind: 'parameter',
        name: identifier(cursor, 'the name of a parameter').name,
        range: cursor.rangeFrom(mark),
      };
    default:
      return cursor.fail('an expression');
  }
}

function word(cursor: Cursor): Expression {
  const mark = cursor.mark();
  const { key } = cursor.token;
  const next = cursor.peek(1);
  if (next.kind === 'string' && key !== 'INTERVAL') {
    if (neverOperands.has(key) && key !== 'SELECT') cursor.fail('an expression');
    return typedLiteral(cursor);
  }
  if (next.key === '(') {
    const special = specialCalls[key];
    if (special && Object.hasOwn(specialCalls, key)) return special(cursor) ?? nameOrCall(cursor);
  }
  if (next.key === '.' || next.key === '->') return nameOrCall(cursor);
  switch (key) {
    case 'NULL':
      cursor.next();
      return { kind: 'null', range: cursor.rangeFrom(mark) };
    case 'TRUE':
    case 'FALSE':
      cursor.next();
      return { kind: 'boolean', value: key === 'TRUE', range: cursor.rangeFrom(mark) };
    case 'INTERVAL':
      return isIntervalLiteral(cursor) ? intervalLiteral(cursor) : nameOrCall(cursor);
    case 'CASE':
      return isCase(cursor) ? caseWhen(cursor) : nameOrCall(cursor);
    default:
  }
  const notEvenCalled = neverOperands.get(key);
  const operandFollows = next.kind === 'word' || next.kind === 'number' || next.kind === 'quoted';
  if (notEvenCalled !== undefined && (operandFollows || (notEvenCalled && next.key === '(')))
    cursor.fail('an expression');
  if ((key === 'ORDER' || key === 'GROUP') && next.key === 'BY') cursor.fail('an expression');
  return nameOrCall(cursor);
}

/** A column may be called `case`. */
function isCase(cursor: Cursor): boolean {
  const { kind, key } = cursor.peek(1);
  return kind !== 'eof' && key !== ',' && key !== ')' && key !== 'FROM' && key !== 'AS';
}

function caseWhen(cursor: Cursor): Case {
  const mark = cursor.mark();
  cursor.expect('CASE');
  const operand = cursor.is('WHEN') ? undefined : expression(cursor);
  const branches: Case['branches'] = [];
  do {
    cursor.expect('WHEN');
    const when = expression(cursor);
    cursor.expect('THEN');
    // biome-ignore lint/suspicious/noThenProperty: the tree of CASE is never awaited.
    branches.push({ when, then: expression(cursor) });
  } while (cursor.is('WHEN'));
  const otherwise = cursor.accept('ELSE') ? expression(cursor) : undefined;
  cursor.expect('END');
  return { kind: 'case', operand, branches, otherwise, range: cursor.rangeFrom(mark) };
}

/** A column, a qualified star, a lambda with one parameter, or the call of a function. */
function nameOrCall(cursor: Cursor): Expression {
  const mark = cursor.mark();
  const computed = cursor.are('IDENTIFIER', '(');
  const parts: Identifier[] = computed ? identifierClause(cursor).parts : [identifier(cursor)];
  if (cursor.accept('->')) {
    const body = expression(cursor);
    return { kind: 'lambda', params: parts, body, range: cursor.rangeFrom(mark) };
  }
  // What follows IDENTIFIER(…) is a field of what it names; behind a dot the word is a name like any other.
  while (!computed && cursor.is('.')) {
    cursor.next();
    if (cursor.accept('*')) return star(cursor, mark, parts);
    parts.push(plainIdentifier(cursor));
  }
  const range = cursor.rangeFrom(mark);
  if (cursor.is('(')) return call(cursor, mark, { parts, range });
  const column: ColumnRef = { kind: 'column', parts, range };
  return column;
}

function star(cursor: Cursor, mark: number, qualifier: Identifier[]): Star {
  const excludes = cursor.are('EXCEPT', '(') && !isSetOperation(cursor) && cursor.accept('EXCEPT');
  const except = excludes ? cursor.parenthesised(() => cursor.list(() => name(cursor, 'a column'))) : [];
  return { kind: 'star', qualifier, except, range: cursor.rangeFrom(mark) };
}

/** `SELECT * EXCEPT (SELECT …)` without FROM is a set operation. */
function isSetOperation(cursor: Cursor): boolean {
  const inside = cursor.peek(2).key;
  const after = cursor.peek(3);
  return (inside === 'SELECT' || inside === 'VALUES') && after.key !== ')' && after.key !== ',';
}

function jsonPath(cursor: Cursor, base: Expression): JsonPath {
  cursor.expect(':');
  const steps: JsonPath['steps'] = [];
  const fieldStep = () => {
    const part = identifier(cursor, 'the name of a field');
    steps.push({ field: part.name, quoted: part.quoted });
  };
  if (!cursor.is('[')) fieldStep();
  for (;;) {
    if (cursor.accept('.')) fieldStep();
    else if (cursor.accept('[')) {
      if (cursor.accept('*')) steps.push({ each: true });
      else if (cursor.token.kind === 'string') steps.push({ field: cursor.expectString(), quoted: true });
      else steps.push({ index: Number(cursor.expectInteger('an index, a name in quotes or *')) });
      cursor.expect(']');
    } else {
      return { kind: 'jsonPath', base, steps, range: cursor.since(base) };
    }
  }
}
