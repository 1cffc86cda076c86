import type { ExpressionCompiler } from '@boathouse/contracts';
import { columnsOf } from '../schema/columns.ts';
import { identifier } from '../schema/engine.ts';
import { constraintsOf, generationOf } from '../schema/expressions.ts';
import { joinPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';
import type { TableState } from './configure.ts';
import { alterErrors } from './errors.ts';
import type { Path } from './tree.ts';

/**
 * Refuses a change of a column that an expression of the table uses. Throws DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE,
 * DELTA_GENERATED_COLUMNS_DEPENDENT_COLUMN_CHANGE.
 */
export function checkIndependent(table: TableState, path: Path, compiler: ExpressionCompiler | undefined): void {
  const uses = usesColumn(table.fields, path[0]!, compiler);
  const constraints = constraintsOf(table.metadata.configuration).filter(({ expression }) => uses(expression));
  if (constraints.length)
    throw alterErrors.constraintDepends(
      joinPath(path),
      constraints.map(({ name }) => name),
    );
  const generated = table.fields.filter((field) => {
    const expression = generationOf(field);
    return expression !== null && uses(expression);
  });
  if (generated.length)
    throw alterErrors.generatedDepends(
      joinPath(path),
      generated.map(({ name }) => name),
    );
}

function usesColumn(
  fields: readonly DeltaField[],
  column: string,
  compiler: ExpressionCompiler | undefined,
): (expression: string) => boolean {
  if (compiler) {
    const columns = columnsOf(fields).map(({ name, type }) => ({ name, type }));
    const quoted = identifier(column).toLowerCase();
    return (expression) => compiler.compile(expression, columns).toLowerCase().includes(quoted);
  }
  // Without a compiler a word that is the column's name counts as its use: too careful, never too careless.
  const word = new RegExp(
    `(^|[^\\p{L}\\p{N}_])${column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[^\\p{L}\\p{N}_])`,
    'iu',
  );
  return (expression) => word.test(expression);
}
