import { typeText } from '@boathouse/contracts';
import type { Values } from '../ast/index.ts';
import { join, sql } from '../emit/text.ts';
import { commonTypeWithoutText } from '../types/index.ts';
import type { Context } from './context.ts';
import { fail, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { holdsSubquery } from './inspect.ts';
import { implicitCast } from './library.ts';
import type { QueryContext } from './query.ts';
import type { AnalysedQuery, QueryColumn } from './relation.ts';
import { Scope } from './scope.ts';

/** VALUES (…), (…): columns are col1, col2, … of the common types of their values. */
export function analyseValues(node: Values, context: QueryContext): AnalysedQuery {
  const inside: Context = { ...context, scope: new Scope([], context.around), clause: 'VALUES' };
  const width = node.rows[0]!.length;
  for (const row of node.rows) {
    const [only] = row;
    if (row.length === 1 && only!.kind === 'call' && only!.name.parts.at(-1)!.name.toLowerCase() === 'struct') {
      // Spark reads a bare struct(…) as a row of several columns.
      throw unsupported('struct(…) as a whole row of VALUES', only!.range, 'Use named_struct(…).');
    }
    if (row.length !== width) {
      throw fail(
        'INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH',
        `All rows of VALUES must have ${width} columns, but one has ${row.length}.`,
        node.range,
      );
    }
  }
  for (const row of node.rows) {
    if (holdsSubquery(row)) {
      throw fail(
        'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.SCALAR_SUBQUERY_IN_VALUES',
        'A subquery cannot stand in VALUES. Use SELECT … UNION ALL.',
        node.range,
      );
    }
    if (row.some((value) => value.kind === 'column' && value.parts[0]!.name.toLowerCase() === 'default')) {
      throw unsupported('DEFAULT in VALUES', node.range, 'Leave the column out of the column list.');
    }
  }
  const rows = node.rows.map((row) => row.map((value) => analyse(value, inside)));
  for (const value of rows.flat()) {
    if (!value.volatile) continue;
    throw fail(
      'INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE',
      `The value ${value.name} changes with each call and cannot stand in VALUES.`,
      node.range,
    );
  }
  const columns = rows[0]!.map((first, index): QueryColumn => {
    let { type } = first;
    for (const row of rows.slice(1)) {
      const common = commonTypeWithoutText(type, row[index]!.type);
      if (!common) {
        throw fail(
          'INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE',
          `Column ${index + 1} of VALUES holds ${typeText(type)} and ${typeText(row[index]!.type)}, which have no common type.`,
          node.range,
        );
      }
      type = common;
    }
    return { name: `col${index + 1}`, type, nullable: rows.some((row) => row[index]!.nullable) };
  });
  const session = context.state.expressionSession(context.environment);
  const body = rows.map((row) => {
    const values = row.map((value, index) => implicitCast(value, columns[index]!.type, session, node.range).sql);
    return sql`(${join(values, ', ')})`;
  });
  const alias = context.state.alias('v');
  const names = columns.map((_, index) => `c${index}`).join(', ');
  return { sql: sql`SELECT ${names} FROM (VALUES ${join(body, ', ')}) AS ${alias}(${names})`, columns, ordered: false };
}
