import type { CreateFunction, DropFunction, RoutineParameter } from '../ast/index.ts';
import type { CreateHead } from './create.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name } from './names.ts';
import { query, startsQuery } from './query.ts';
import { typeRef } from './types.ts';
import { withText } from './variable.ts';

/** After CREATE … FUNCTION. Functions of other languages and of classes are refused by name. */
export function createFunction(cursor: Cursor, head: CreateHead): CreateFunction {
  const temporary = head.words.has('TEMPORARY') || head.words.has('TEMP');
  const ifNotExists = cursor.acceptAll('IF', 'NOT', 'EXISTS');
  const named = name(cursor, 'the name of a function');
  if (cursor.is('AS'))
    throw cursor.unsupported('CREATE FUNCTION … AS a class', undefined, 'write RETURN and an expression');
  const range = () => cursor.rangeFrom(head.mark);
  if (head.orReplace && ifNotExists) {
    const why = 'CREATE FUNCTION with both IF NOT EXISTS and REPLACE is not allowed.';
    throw cursor.error('INVALID_SQL_SYNTAX.CREATE_ROUTINE_WITH_IF_NOT_EXISTS_AND_REPLACE', why, '42000', range());
  }
  if (temporary && ifNotExists) {
    const why = 'CREATE TEMPORARY FUNCTION with IF NOT EXISTS is not allowed.';
    throw cursor.error('INVALID_SQL_SYNTAX.CREATE_TEMP_FUNC_WITH_IF_NOT_EXISTS', why, '42000', range());
  }
  const parameters = cursor.parenthesised(() => (cursor.is(')') ? [] : cursor.list(() => parameter(cursor))));
  const returns = cursor.accept('RETURNS') ? returned(cursor) : undefined;
  const found = characteristics(cursor);
  cursor.expect('RETURN');
  const asTable = returns?.kind === 'table';
  const bodyMark = cursor.mark();
  const body: CreateFunction['body'] =
    startsQuery(cursor, 0) && (asTable || !cursor.is('('))
      ? { kind: 'query', query: query(cursor) }
      : { kind: 'expression', value: expression(cursor) };
  return {
    kind: 'createFunction',
    name: named,
    orReplace: head.orReplace,
    ifNotExists,
    temporary,
    parameters,
    ...(returns ? { returns } : {}),
    ...found,
    body,
    bodyText: textFrom(cursor, bodyMark),
    range: range(),
  };
}

function textFrom(cursor: Cursor, mark: number): string {
  const { start, end } = cursor.rangeFrom(mark);
  return cursor.text.slice(start, end);
}

function parameter(cursor: Cursor): RoutineParameter {
  const mark = cursor.mark();
  const found: RoutineParameter = {
    name: identifier(cursor, 'the name of a parameter'),
    type: typeRef(cursor),
    range: cursor.rangeFrom(mark),
  };
  for (;;) {
    if (cursor.is('NOT')) {
      const why = 'NOT NULL cannot be said of the parameters of a function.';
      const code = 'USER_DEFINED_FUNCTIONS.NOT_NULL_ON_FUNCTION_PARAMETERS';
      throw cursor.error(code, why, '42601');
    }
    if (cursor.accept('DEFAULT')) {
      const { node, text } = withText(cursor);
      found.default = node;
      found.defaultText = text;
    } else if (cursor.accept('COMMENT')) found.comment = cursor.expectString();
    else return { ...found, range: cursor.rangeFrom(mark) };
  }
}

function returned(cursor: Cursor): CreateFunction['returns'] {
  if (!cursor.is('TABLE')) return { kind: 'type', type: typeRef(cursor) };
  cursor.next();
  if (!cursor.is('(')) return { kind: 'table' };
  return { kind: 'table', columns: cursor.parenthesised(() => cursor.list(() => parameter(cursor))) };
}

/** LANGUAGE SQL, [NOT] DETERMINISTIC, COMMENT, what data it reads and whose rights it has: in any order. */
function characteristics(cursor: Cursor): Pick<CreateFunction, 'deterministic' | 'comment'> {
  let deterministic = true;
  let comment: string | undefined;
  for (;;) {
    if (cursor.accept('LANGUAGE')) {
      if (!cursor.is('SQL'))
        throw cursor.unsupported(`A function in ${cursor.token.value}`, undefined, 'write it in SQL');
      cursor.next();
    } else if (cursor.acceptAll('NOT', 'DETERMINISTIC')) deterministic = false;
    else if (cursor.accept('DETERMINISTIC')) deterministic = true;
    else if (cursor.accept('COMMENT')) comment = cursor.expectString();
    else if (cursor.accept('SPECIFIC')) name(cursor);
    else if (cursor.acceptAll('SQL', 'SECURITY', 'INVOKER'))
      throw cursor.unsupported('SQL SECURITY INVOKER', undefined, 'a function has the rights of its owner');
    else if (
      !(
        cursor.acceptAll('CONTAINS', 'SQL') ||
        cursor.acceptAll('READS', 'SQL', 'DATA') ||
        cursor.acceptAll('SQL', 'SECURITY', 'DEFINER')
      )
    )
      return { deterministic, ...(comment === undefined ? {} : { comment }) };
  }
}

/** After DROP [TEMPORARY] FUNCTION. */
export function dropFunction(cursor: Cursor, mark: number, temporary: boolean): DropFunction {
  const ifExists = cursor.acceptAll('IF', 'EXISTS');
  const named = name(cursor, 'the name of a function');
  return { kind: 'dropFunction', name: named, temporary, ifExists, range: cursor.rangeFrom(mark) };
}
