import type { Block, Handler } from '../ast/index.ts';
import { stateOfCondition } from '../conditions.ts';
import type { Cursor } from './cursor.ts';
import { name } from './names.ts';

type Conditions = Pick<Handler, 'conditions' | 'sqlStates' | 'sqlException' | 'notFound'>;

/** SQLSTATE [VALUE] 'xxxxx': five letters and digits that no success and no bug has. */
export function sqlStateLiteral(cursor: Cursor): string {
  cursor.expect('SQLSTATE');
  cursor.accept('VALUE');
  const range = cursor.token;
  const state = cursor.expectString('a SQLSTATE as a string').toUpperCase();
  if (!/^[A-Z0-9]{5}$/.test(state) || /^(00|01|XX)/.test(state)) {
    const why = `The SQLSTATE '${state}' is not valid: it has five letters or digits and does not begin with 00, 01 or XX.`;
    throw cursor.error('INVALID_SQLSTATE', why, '428B3', range);
  }
  return state;
}

/** The list after FOR of a handler. `declared`: conditions of the script, upper case. */
export function handlerConditions(cursor: Cursor, declared: ReadonlySet<string>): Conditions {
  const found: Conditions = { conditions: [], sqlStates: [], sqlException: false, notFound: false };
  const invalid = (why: string, message: string) =>
    cursor.error(`INVALID_HANDLER_DECLARATION.${why}`, message, '42K0Q');
  let count = 0;
  cursor.list(() => {
    count += 1;
    if (cursor.is('SQLSTATE')) {
      const state = sqlStateLiteral(cursor);
      if (found.sqlStates.includes(state))
        throw invalid('DUPLICATE_SQLSTATE_IN_HANDLER_DECLARATION', `The handler names the SQLSTATE '${state}' twice.`);
      found.sqlStates.push(state);
    } else if (cursor.accept('SQLEXCEPTION')) found.sqlException = true;
    else if (cursor.acceptAll('NOT', 'FOUND')) found.notFound = true;
    else {
      const condition = name(cursor, 'a condition')
        .parts.map((part) => part.name.toUpperCase())
        .join('.');
      if (!declared.has(condition) && stateOfCondition(condition) === undefined)
        throw invalid(
          'CONDITION_NOT_FOUND',
          `The condition ${condition} is not known. Declare it, or name one of Spark's.`,
        );
      if (found.conditions.includes(condition))
        throw invalid(
          'DUPLICATE_CONDITION_IN_HANDLER_DECLARATION',
          `The handler names the condition ${condition} twice.`,
        );
      found.conditions.push(condition);
    }
  });
  if (count > 1 && (found.sqlException || found.notFound)) {
    throw invalid('INVALID_CONDITION_COMBINATION', 'SQLEXCEPTION and NOT FOUND cannot stand beside other conditions.');
  }
  return found;
}

/** Each condition has one handler in a block. */
export class DeclaredHandlers {
  private readonly cursor: Cursor;
  private readonly conditions = new Set<string>();
  private readonly sqlStates = new Set<string>();

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  add(found: Conditions): void {
    const conditions = [
      ...found.conditions,
      ...(found.sqlException ? ['SQLEXCEPTION'] : []),
      ...(found.notFound ? ['NOT FOUND'] : []),
    ];
    for (const condition of conditions) {
      if (this.conditions.has(condition)) throw this.twice('CONDITION', condition);
      this.conditions.add(condition);
    }
    for (const state of found.sqlStates) {
      if (this.sqlStates.has(state)) throw this.twice('SQLSTATE', state);
      this.sqlStates.add(state);
    }
  }

  private twice(kind: string, what: string) {
    const why = `There are two handlers for ${what} in one block. Remove one.`;
    return this.cursor.error(`DUPLICATE_EXCEPTION_HANDLER.${kind}`, why, '42734');
  }
}

/** A condition has its name once in a block. */
export function checkCondition(
  cursor: Cursor,
  condition: Block['conditions'][number],
  earlier: Block['conditions'],
): void {
  const key = condition.name.name.toUpperCase();
  if (!earlier.some(({ name: other }) => other.name.toUpperCase() === key)) return;
  const why = `The condition ${condition.name.name} is declared twice in one block.`;
  throw cursor.error('DUPLICATE_CONDITION_IN_SCOPE', why, '42734', condition.name.range);
}
