import type { Expression, Query, Script, Statement } from '../ast/index.ts';
import { type StatementTokens, splitTokens, tokenize } from '../lexer/index.ts';
import { Cursor, type ParseOptions } from './cursor.ts';
import { expression } from './expression.ts';
import { query } from './query.ts';
import { statement } from './statement.ts';

export type { Comment, Token } from '../lexer/index.ts';
export { splitStatements, tokenize } from '../lexer/index.ts';
export type { ParseOptions } from './cursor.ts';

/**
 * The one statement of a text; a `;` may end it. Offsets count in `text`. Throws a BoathouseError with its position:
 * PARSE_SYNTAX_ERROR (42601), or another of Spark's conditions for what is wrong already in the text (INVALID_IDENTIFIER,
 * INVALID_NUMERIC_LITERAL_RANGE, UNSUPPORTED_DATATYPE …).
 */
export function parseStatement(text: string, options?: ParseOptions): Statement {
  const [first, second] = splitTokens(tokenize(text).tokens);
  if (second)
    throw new Cursor(text, second.tokens).syntaxError('Only one statement can run at a time: this one is a second.');
  return readStatement(text, first ?? emptyStatement(text), options);
}

/** All statements of a text in their order, with the offsets of each. Throws at the first that is wrong. */
export function parseStatements(
  text: string,
  options?: ParseOptions,
): { statement: Statement; start: number; end: number }[] {
  return splitTokens(tokenize(text).tokens).map((part) => ({
    statement: readStatement(text, part, options),
    start: part.start,
    end: part.end,
  }));
}

/** A script: exactly one block BEGIN … END. Throws what parsing a statement throws, and for labels and declarations Spark's own. */
export function parseScript(text: string): Script {
  const node = parseStatement(text);
  if (node.kind === 'script') return node;
  throw new Cursor(text, tokenize(text).tokens).syntaxError('A script begins with BEGIN.', node.range);
}

/** A query alone: the text of a view, or of a flow. */
export function parseQuery(text: string, options?: ParseOptions): Query {
  return readAll(text, query, options);
}

/** An expression alone: a constraint, a default, an expectation. */
export function parseExpression(text: string, options?: ParseOptions): Expression {
  return readAll(text, expression, options);
}

function readStatement(text: string, part: StatementTokens, options?: ParseOptions): Statement {
  return statement(new Cursor(text, part.tokens, options));
}

function readAll<T>(text: string, rule: (cursor: Cursor) => T, options?: ParseOptions): T {
  const cursor = new Cursor(text, tokenize(text).tokens, options);
  const node = rule(cursor);
  if (!cursor.atEnd()) cursor.fail('the end');
  return node;
}

/** Text without a statement: its end is where one is missed. */
function emptyStatement(text: string): StatementTokens {
  return { tokens: tokenize(text).tokens, start: 0, end: text.length };
}
