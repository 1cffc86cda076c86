import {
  type CatalogReader,
  type ExpressionCompiler,
  type PrunePredicate,
  parseType,
  systemError,
} from '@boathouse/contracts';
import { fail } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from '../analyse/inspect.ts';
import type { ScopeColumn } from '../analyse/scope.ts';
import { PlanState } from '../analyse/state.ts';
import type { Expression } from '../ast/index.ts';
import { ident, sql } from '../emit/text.ts';
import { parseExpression } from '../parser/index.ts';
import { CatalogCache } from './lookup.ts';
import { whereText } from './modify.ts';
import { contextOf } from './target.ts';

export interface CompilerOptions {
  /** In which dates of timestamps are taken. By default UTC. */
  timeZone?: string;
  /** `current_user()` of a default. */
  user?: string;
  now?: () => Date;
}

/**
 * Compiles expressions that a table's metadata keeps (constraints, generated columns, defaults) to the engine's text. They
 * see the table's columns and nothing of the catalog. Throws Spark's conditions for what is wrong in them; over columns an
 * expression must also be the same in every evaluation, else UNSUPPORTED_FEATURE.
 */
export function createExpressionCompiler(options: CompilerOptions = {}): ExpressionCompiler {
  return {
    compile(expression, columns) {
      const node = parseExpression(expression);
      const refuse = (what: string) =>
        fail(
          'DELTA_UNSUPPORTED_EXPRESSION',
          `An expression of a table cannot hold ${what}: ${expression}.`,
          node.range,
        );
      if (holdsSubquery(node)) throw refuse('a subquery');
      if (holdsAggregate(node)) throw refuse('an aggregate function');
      if (holdsWindow(node)) throw refuse('a window function');
      const typed = analyse(node, contextOf(stateOf(options), columns.map(scopeColumn), 'a table expression'));
      // A default is evaluated once a row; what is checked must give the same again.
      if (typed.volatile && columns.length) throw refuse('a function with another value each time');
      return textOf(typed.sql, node);
    },
  };
}

/** A condition as engine text over bare quoted names, and its conjuncts by which files may be left out. */
export interface CompiledCondition {
  text: string;
  predicates: PrunePredicate[];
}

/** Compiles a condition over the columns of one table that no catalog knows. Throws Spark's conditions for what is wrong in it. */
export function compileCondition(
  text: string,
  columns: readonly { name: string; type: string }[],
  options: CompilerOptions = {},
): CompiledCondition {
  const node = parseExpression(text);
  const state = stateOf(options);
  const known = columns.map(({ name, type }) => ({ name, type, nullable: true }));
  const table = state.addTable({
    source: 'delta',
    tableId: '',
    fullName: '',
    location: '',
    columns: known,
    predicates: [],
  });
  const scope = columns.map((column) => ({ ...scopeColumn(column), base: { table, name: column.name } }));
  if (holdsSubquery(node))
    throw fail('DELTA_UNSUPPORTED_EXPRESSION', 'The condition cannot hold a subquery.', node.range);
  const found = whereText(node, contextOf(state, scope, 'WHERE'));
  const [planned] = state.planTables();
  return {
    text: found ? textOf(found, node) : 'true',
    predicates: planned?.source === 'delta' ? planned.predicates : [],
  };
}

const scopeColumn = ({ name, type }: { name: string; type: string }): ScopeColumn => {
  const parsed = parseType(type);
  return {
    name,
    qualifier: [],
    type: parsed.kind === 'char' || parsed.kind === 'varchar' ? { kind: 'string' } : parsed,
    nullable: true,
    sql: sql`${ident(name)}`,
  };
};

function textOf(pieces: ReturnType<typeof sql>, node: Expression): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      throw fail('DELTA_UNSUPPORTED_EXPRESSION', 'An expression of a table cannot read another table.', node.range);
    })
    .join('');
}

function stateOf({ timeZone = 'UTC', user = '', now = () => new Date() }: CompilerOptions): PlanState {
  return new PlanState({
    cache: new CatalogCache(nobody),
    session: { id: '', catalog: '', schema: 'default', timeZone, settings: {}, tempViews: {} },
    principal: { userId: '', name: user, admin: false },
    now: now(),
  });
}

const unasked = (): never => {
  throw systemError('CATALOG_NOT_AVAILABLE', 'An expression of a table asks nothing of the catalog.');
};
/** A catalog that is never asked: expressions name columns only. */
const nobody: CatalogReader = {
  catalog: unasked,
  schema: unasked,
  table: unasked,
  volume: unasked,
  listCatalogs: unasked,
  listSchemas: unasked,
  listTables: unasked,
  listVolumes: unasked,
  grants: unasked,
  authorise: unasked,
  principalOf: unasked,
  inferFiles: unasked,
};
