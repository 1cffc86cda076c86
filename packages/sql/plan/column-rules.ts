import type { Column } from '@boathouse/contracts';
import { BoathouseError, parseType, typeText } from '@boathouse/contracts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from '../analyse/inspect.ts';
import type { ScopeColumn } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import type { ColumnDefinition, Expression } from '../ast/index.ts';
import { ident, sql } from '../emit/text.ts';
import { canAssign } from '../types/index.ts';
import { columnsOf } from './definition.ts';
import { contextOf } from './target.ts';

/**
 * Columns of a new table with what rules their values: DEFAULT, GENERATED ALWAYS AS, IDENTITY. The text of expressions is
 * taken from the statement, because the table's log stores it. Throws INVALID_DEFAULT_VALUE.…, DELTA_GENERATED_COLUMNS_….
 */
export function ruledColumns(definitions: readonly ColumnDefinition[], text: string, state: PlanState): Column[] {
  const columns = columnsOf(definitions);
  return columns.map((column, index) => {
    const { default: given, generated, identity } = definitions[index]!;
    return {
      ...column,
      ...(given ? { default: checkedDefault(given, column, text, state) } : {}),
      ...(generated ? { generatedAs: checkedGeneration(generated, column, columns, text, state) } : {}),
      ...(identity ? { identity: identityOf(identity, column, definitions[index]!.range) } : {}),
    };
  });
}

const written = (node: Expression, text: string): string => text.slice(node.range.start, node.range.end);

/** DEFAULT takes a constant expression that the column can store. */
export function checkedDefault(node: Expression, column: Column, text: string, state: PlanState): string {
  const refuse = (condition: string, why: string) =>
    fail(
      `INVALID_DEFAULT_VALUE.${condition}`,
      `The DEFAULT of ${quotedName([column.name])} is not valid: ${why}.`,
      node.range,
    );
  if (holdsSubquery(node)) throw refuse('SUBQUERY_EXPRESSION', 'it holds a subquery');
  let typed: ReturnType<typeof analyse>;
  try {
    typed = analyse(node, contextOf(state, [], 'DEFAULT'));
  } catch (error) {
    if (error instanceof BoathouseError && error.code.startsWith('UNRESOLVED_COLUMN'))
      throw refuse('NOT_CONSTANT', 'it names a column, and it must be the same in every row');
    throw error;
  }
  if (!canAssign(typed.type, parseType(column.type)))
    throw refuse('DATA_TYPE', `it is of type ${typeText(typed.type)}, and the column of ${column.type}`);
  return written(node, text);
}

/** GENERATED ALWAYS AS takes an expression over the table's other columns, of the column's own type. */
function checkedGeneration(
  node: Expression,
  column: Column,
  columns: readonly Column[],
  text: string,
  state: PlanState,
): string {
  if (holdsSubquery(node) || holdsAggregate(node) || holdsWindow(node))
    throw fail(
      'DELTA_UNSUPPORTED_EXPRESSION_GENERATED_COLUMN',
      'A generated column cannot hold a subquery, an aggregate or a window function.',
      node.range,
    );
  const scope = columns
    .filter((other) => other.name !== column.name)
    .map(
      (other): ScopeColumn => ({
        name: other.name,
        qualifier: [],
        type: parseType(other.type),
        nullable: other.nullable,
        sql: sql`${ident(other.name)}`,
      }),
    );
  const typed = analyse(node, contextOf(state, scope, 'GENERATED ALWAYS AS'));
  if (typed.volatile) throw unsupported('A generated column with another value each time', node.range);
  if (typeText(typed.type) !== column.type && !widens(typeText(typed.type), column.type))
    throw fail(
      'DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH',
      `The expression of ${quotedName([column.name])} is of type ${typeText(typed.type)}, and the column of ${column.type}. Cast the expression.`,
      node.range,
    );
  return written(node, text);
}

const integers = ['tinyint', 'smallint', 'int', 'bigint'];
const widens = (from: string, to: string): boolean =>
  integers.includes(from) && integers.includes(to) && integers.indexOf(from) <= integers.indexOf(to);

function identityOf(
  written: NonNullable<ColumnDefinition['identity']>,
  column: Column,
  range: Range,
): NonNullable<Column['identity']> {
  const { always, start = '1', step = '1' } = written;
  if (BigInt(step) === 0n)
    throw fail('IDENTITY_COLUMNS_ILLEGAL_STEP', 'The step of an identity column cannot be 0.', range);
  if (column.type !== 'bigint')
    throw fail(
      'DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE',
      `An identity column is a BIGINT, and ${quotedName([column.name])} is ${column.type}.`,
      range,
    );
  return { always, start, step };
}
