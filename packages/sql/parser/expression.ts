import type { Binary, BinaryOp, Expression, Like } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { primary } from './primary.ts';
import { query, startsQuery } from './query.ts';

/**
 * An expression. Binding, loosest first: OR, AND, NOT, one predicate (BETWEEN, IN, LIKE, IS), comparison, |, ^, &,
 * shifts, + - ||, * / % DIV, unary, `::` and access. As in Spark a predicate takes no second one without parentheses.
 */
export function expression(cursor: Cursor): Expression {
  return cursor.nested(() => or(cursor));
}

function or(cursor: Cursor): Expression {
  let left = and(cursor);
  for (let length = 1; cursor.accept('OR'); length += 1) {
    cursor.limitChain(length, 'logical');
    left = binary(cursor, 'or', left, and(cursor));
  }
  return left;
}

function and(cursor: Cursor): Expression {
  let left = not(cursor);
  for (let length = 1; cursor.accept('AND'); length += 1) {
    cursor.limitChain(length, 'logical');
    left = binary(cursor, 'and', left, not(cursor));
  }
  return left;
}

function not(cursor: Cursor): Expression {
  if (!cursor.is('!') && !(cursor.is('NOT') && startsOperand(cursor))) return predicate(cursor);
  const mark = cursor.mark();
  cursor.next();
  const operand = cursor.nested(() => not(cursor));
  return { kind: 'unary', op: 'not', operand, range: cursor.rangeFrom(mark) };
}

/** A column may be called `not`; then an end of the expression follows it. */
function startsOperand(cursor: Cursor): boolean {
  const { kind, key } = cursor.peek(1);
  return kind !== 'eof' && key !== ',' && key !== ')';
}

function binary(cursor: Cursor, op: BinaryOp, left: Expression, right: Expression): Binary {
  return { kind: 'binaryOp', op, left, right, range: cursor.since(left) };
}

function predicate(cursor: Cursor): Expression {
  const operand = valueExpression(cursor);
  if (cursor.accept('IS')) return is(cursor, operand);
  const negated = cursor.is('NOT') && predicateWords.has(cursor.peek(1).key);
  const word = negated ? cursor.peek(1).key : cursor.token.key;
  if (!predicateWords.has(word)) return operand;
  if (negated) cursor.next();
  cursor.next();
  switch (word) {
    case 'BETWEEN': {
      const low = valueExpression(cursor);
      cursor.expect('AND');
      const high = valueExpression(cursor);
      return { kind: 'between', operand, low, high, negated, range: cursor.since(operand) };
    }
    case 'IN':
      return inPredicate(cursor, operand, negated);
    case 'SIMILAR':
      throw cursor.unsupported('SIMILAR TO', cursor.token, 'use RLIKE');
    default: {
      const op = word === 'LIKE' || word === 'ILIKE' ? (word.toLowerCase() as 'like' | 'ilike') : 'rlike';
      return like(cursor, op, operand, negated);
    }
  }
}

const predicateWords: ReadonlySet<string> = new Set(['BETWEEN', 'IN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP', 'SIMILAR']);

function is(cursor: Cursor, operand: Expression): Expression {
  const negated = cursor.accept('NOT');
  if (cursor.acceptAll('DISTINCT', 'FROM')) {
    const right = valueExpression(cursor);
    return { kind: 'isDistinct', left: operand, right, negated, range: cursor.since(operand) };
  }
  const what = cursor.acceptOneOf(truths)?.toLowerCase() as 'null' | 'true' | 'false' | 'unknown' | undefined;
  if (!what) cursor.fail('NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM');
  return { kind: 'is', what, operand, negated, range: cursor.since(operand) };
}

const truths: ReadonlySet<string> = new Set(['NULL', 'TRUE', 'FALSE', 'UNKNOWN']);

function inPredicate(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  if (cursor.is('(') && startsQuery(cursor, 1) && !isTypedSelect(cursor) && !isOneScalar(cursor)) {
    const found = cursor.parenthesised(() => query(cursor));
    return { kind: 'inSubquery', operand, query: found, negated, range: cursor.since(operand) };
  }
  const items = cursor.parenthesised(() => cursor.list(() => expression(cursor)));
  return { kind: 'inList', operand, items, negated, range: cursor.since(operand) };
}

/** `IN (SELECT 'a')`: Spark reads a literal of the type "select" and refuses that, so we must not answer it. */
function isTypedSelect(cursor: Cursor): boolean {
  const after = cursor.peek(3).key;
  return cursor.are('(', 'SELECT') && cursor.peek(2).kind === 'string' && (after === ')' || after === ',');
}

/** `IN ((SELECT 1))` is a list of one scalar subquery. */
function isOneScalar(cursor: Cursor): boolean {
  return cursor.peek(1).key === '(' && cursor.afterClosing(1)?.key === ')';
}

function like(cursor: Cursor, op: Like['op'], operand: Expression, negated: boolean): Expression {
  const word = cursor.token.key;
  if (op !== 'rlike' && (word === 'ANY' || word === 'SOME' || word === 'ALL') && cursor.peek(1).key === '(') {
    cursor.next();
    const patterns = cursor.parenthesised(() => cursor.list(() => expression(cursor)));
    const quantifier = word === 'ALL' ? 'all' : 'any';
    return { kind: 'likeQuantified', op, quantifier, operand, patterns, negated, range: cursor.since(operand) };
  }
  const pattern = valueExpression(cursor);
  const escapedBy = op !== 'rlike' && cursor.is('ESCAPE') ? escapeCharacter(cursor) : undefined;
  return { kind: 'like', op, operand, pattern, negated, escape: escapedBy, range: cursor.since(operand) };
}

function escapeCharacter(cursor: Cursor): string {
  cursor.expect('ESCAPE');
  const token = cursor.token;
  const text = cursor.expectString('a string of one character');
  if ([...text].length === 1) return text;
  throw cursor.error('INVALID_ESC', `ESCAPE takes one character, not '${text}'.`, '42604', token);
}

const comparisons: Record<string, BinaryOp> = {
  '=': '=',
  '==': '=',
  '<=>': '<=>',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '!>': '<=',
  '>': '>',
  '>=': '>=',
  '!<': '>=',
};
const plain = (...ops: BinaryOp[]): Record<string, BinaryOp> =>
  Object.fromEntries(ops.map((op) => [op.toUpperCase(), op]));

/** Levels of left-associative operators, loosest first. */
const levels: Record<string, BinaryOp>[] = [
  comparisons,
  plain('|'),
  plain('^'),
  plain('&'),
  plain('<<', '>>', '>>>'),
  plain('+', '-', '||'),
  plain('*', '/', '%', 'div'),
];
const levelOf = new Map<string, number>(levels.flatMap((ops, level) => Object.keys(ops).map((key) => [key, level])));

/** An expression without AND, OR, NOT and predicates: Spark's valueExpression. */
export function valueExpression(cursor: Cursor): Expression {
  return climb(cursor, 0);
}

function climb(cursor: Cursor, minimum: number): Expression {
  let left = unary(cursor);
  for (let length = 1; ; length += 1) {
    const key = cursor.token.key;
    const level = key === '' ? undefined : levelOf.get(key);
    if (level === undefined || level < minimum) return left;
    // DIV may also be the alias in `SELECT 1 div`.
    if (key === 'DIV' && !startsOperand(cursor)) return left;
    cursor.next();
    cursor.limitChain(length, 'value');
    if (level === 0 && quantifiers.has(cursor.token.key) && cursor.peek(1).key === '(' && startsQuery(cursor, 2)) {
      cursor.fail('a value: comparisons with ANY or ALL of a subquery do not exist, use IN, EXISTS, min or max');
    }
    left = binary(cursor, levels[level]![key]!, left, climb(cursor, level + 1));
  }
}

const quantifiers: ReadonlySet<string> = new Set(['ANY', 'SOME', 'ALL']);

function unary(cursor: Cursor): Expression {
  const mark = cursor.mark();
  const op = cursor.token.key;
  if (op === '-' && cursor.peek(1).kind === 'number') return primary(cursor);
  if (op !== '-' && op !== '+' && op !== '~') return primary(cursor);
  cursor.next();
  const operand = cursor.nested(() => unary(cursor));
  return { kind: 'unary', op, operand, range: cursor.rangeFrom(mark) };
}
