import type { Expression, WindowRef, WindowSpec } from '../ast/index.ts';
import type { Sql } from '../emit/text.ts';
import type { Grouping } from './grouping.ts';
import type { QueryColumn } from './relation.ts';
import type { Scope } from './scope.ts';
import type { Environment, PlanState } from './state.ts';
import type { Typed } from './typed.ts';

/** A common table expression in reach: its engine name and columns. */
export interface CteEntry {
  engineName: Sql;
  columns: QueryColumn[];
}

/** Where an expression stands: what names mean there and what may be called. */
export interface Context {
  state: PlanState;
  environment: Environment;
  scope: Scope;
  ctes: ReadonlyMap<string, CteEntry>;
  /** The clause, for messages: `WHERE`, `SELECT`, `GROUP BY` … */
  clause: string;
  /** Set where aggregate calls are collected: select list, HAVING, ORDER BY of a grouped query. */
  grouping?: Grouping;
  /** Inside the arguments of an aggregate. */
  insideAggregate?: boolean;
  /** Window calls may stand here. */
  windows?: ReadonlyMap<string, WindowSpec | WindowRef>;
  /** Aliases of earlier items of the same select list, lower case; null where two items have the name. */
  aliases?: ReadonlyMap<string, Typed | null>;
  /** ORDER BY and HAVING: the aliases win over columns of the same name. */
  aliasesFirst?: boolean;
  /** What a subquery sees of this query, where that is less than `scope`: in ORDER BY it is the select list. */
  subqueryScope?: Scope;
  /** What was found for expressions that are analysed for the second time: first as a key of GROUP BY, then in parts. */
  memo?: { scope: Scope; found: WeakMap<Expression, Typed> };
  /** Conditions IN (SELECT …) that are whole conjuncts of the clause. */
  conjuncts?: Set<Expression>;
  /** Names of columns of the queries around that the expression used, in order: Spark prints them. */
  outer?: Set<string>;
}
