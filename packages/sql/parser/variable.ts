import { BoathouseError } from '@boathouse/contracts';
import type { DropVariable, Expression, Identifier, Name, SetVariable, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name } from './names.ts';
import { query } from './query.ts';
import { typeRef } from './types.ts';

/** DECLARE [OR REPLACE] [VARIABLE] a, b [type] [DEFAULT | = value]. */
export function declareVariable(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('DECLARE');
  const orReplace = cursor.acceptAll('OR', 'REPLACE');
  if (cursor.is('VARIABLE') && cursor.peek(1).kind !== 'eof') cursor.next();
  const names = cursor.list(() => name(cursor, 'the name of a variable'));
  const untyped =
    cursor.atEnd() || cursor.is(';') || cursor.is('=') || (cursor.is('DEFAULT') && cursor.peek(1).kind !== 'eof');
  const type = untyped ? undefined : typeRef(cursor);
  const given = cursor.accept('DEFAULT') || cursor.accept('=');
  const value = given ? withText(cursor) : undefined;
  if (!type && !value) {
    throw cursor.error(
      'INVALID_SQL_SYNTAX.VARIABLE_TYPE_OR_DEFAULT_REQUIRED',
      'The declaration of a variable needs a type or a DEFAULT clause, or both.',
      '42000',
      cursor.rangeFrom(mark),
    );
  }
  return {
    kind: 'declareVariable',
    orReplace,
    names,
    ...(type ? { type } : {}),
    ...(value ? { default: value.node, defaultText: value.text } : {}),
    range: cursor.rangeFrom(mark),
  };
}

/** An expression and its whole text, with its own parentheses. */
export function withText(cursor: Cursor): { node: Expression; text: string } {
  const mark = cursor.mark();
  const node = expression(cursor);
  const { start, end } = cursor.rangeFrom(mark);
  return { node, text: cursor.text.slice(start, end) };
}

/** What follows SET VARIABLE, and SET in a script. */
export function assignments(cursor: Cursor, mark: number): SetVariable {
  if (cursor.is('(')) {
    const names = cursor.parenthesised(() => cursor.list(() => variable(cursor)));
    cursor.expect('=');
    const given = cursor.parenthesised(() => query(cursor));
    return { kind: 'setVariable', names, query: given, range: cursor.rangeFrom(mark) };
  }
  const pairs = cursor.list(() => {
    const target = variable(cursor);
    cursor.expect('=');
    return { target, value: valueOrDefault(cursor) };
  });
  return {
    kind: 'setVariable',
    names: pairs.map(({ target }) => target),
    values: pairs.map(({ value }) => value),
    range: cursor.rangeFrom(mark),
  };
}

const variable = (cursor: Cursor): Name => name(cursor, 'the name of a variable');

function valueOrDefault(cursor: Cursor): Expression | null {
  const next = cursor.peek(1);
  if (cursor.is('DEFAULT') && (next.kind === 'eof' || next.key === ',' || next.key === ';')) {
    cursor.next();
    return null;
  }
  return expression(cursor);
}

/** After DROP {TEMPORARY | TEMP} VARIABLE. */
export function dropVariable(cursor: Cursor, mark: number): DropVariable {
  const ifExists = cursor.acceptAll('IF', 'EXISTS');
  return { kind: 'dropVariable', name: variable(cursor), ifExists, range: cursor.rangeFrom(mark) };
}

/** EXECUTE IMMEDIATE text [INTO a, b] [USING value [AS name], …]. */
export function executeImmediate(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('EXECUTE', 'IMMEDIATE');
  const text = expression(cursor);
  let into: Name[] = [];
  let using: { value: Expression; name?: Identifier }[] = [];
  if (cursor.accept('INTO')) into = cursor.list(() => variable(cursor));
  if (cursor.accept('USING')) using = usingClause(cursor);
  if (into.length === 0 && cursor.accept('INTO')) into = cursor.list(() => variable(cursor));
  return { kind: 'executeImmediate', text, into, using, range: cursor.rangeFrom(mark) };
}

/** The list may stand in parentheses: then they are no part of its first value. */
function usingClause(cursor: Cursor): { value: Expression; name?: Identifier }[] {
  const list = () =>
    cursor.list(() => {
      const value = expression(cursor);
      const named = cursor.accept('AS');
      return { value, ...(named || isName(cursor) ? { name: identifier(cursor, 'the name of a parameter') } : {}) };
    });
  const after = cursor.is('(') ? cursor.afterClosing(0) : undefined;
  const whole = after && (after.kind === 'eof' || after.key === ';' || after.key === 'INTO');
  if (!whole) return list();
  const mark = cursor.mark();
  try {
    return cursor.parenthesised(list);
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    // (SELECT …) is a value.
    cursor.reset(mark);
    return list();
  }
}

const isName = (cursor: Cursor): boolean =>
  cursor.token.kind === 'quoted' || (cursor.token.kind === 'word' && !cursor.is('INTO'));
