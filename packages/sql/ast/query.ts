import type { Expression, SortItem, WindowRef, WindowSpec } from './expression.ts';
import type { Identifier, Name, Property } from './name.ts';
import type { Node } from './range.ts';

/** A query with what may surround its body: WITH before, ordering and limits after. */
export interface Query extends Node, QueryOrder {
  kind: 'query';
  with?: With;
  body: QueryBody;
}
/** Ordering and limits. */
export interface QueryOrder {
  /** ORDER BY ALL has `orderByAll` and no items. */
  orderBy: SortItem[];
  orderByAll?: { direction: 'asc' | 'desc'; nulls?: 'first' | 'last' };
  sortBy: SortItem[];
  distributeBy: Expression[];
  clusterBy: Expression[];
  /** Absent also for LIMIT ALL. */
  limit?: Expression;
  offset?: Expression;
}
export interface With extends Node {
  recursive: boolean;
  ctes: Cte[];
}
export interface Cte extends Node {
  name: Identifier;
  columns?: Identifier[];
  query: Query;
  /** MAX RECURSION LEVEL n. */
  maxRecursionLevel?: number;
}

export type QueryBody = Select | SetOperation | Values | TableQuery | NestedQuery | Pipe;

export interface Select extends Node {
  kind: 'select';
  distinct: boolean;
  hints: Hint[];
  items: SelectItem[];
  /** Comma-separated relations; empty without FROM. */
  from: Relation[];
  lateralViews: LateralView[];
  where?: Expression;
  groupBy?: GroupBy;
  having?: Expression;
  qualify?: Expression;
  windows: NamedWindow[];
}
/** A hint changes how a query runs, never what it gives; some have arguments that are checked. */
export interface Hint extends Node {
  name: string;
  args: Expression[];
}
export interface SelectItem extends Node {
  value: Expression;
  alias?: Identifier;
  /** `generator(…) AS (a, b)`. */
  aliases?: Identifier[];
}
export interface GroupBy extends Node {
  /** GROUP BY ALL. */
  all: boolean;
  items: GroupItem[];
}
/** `… WITH ROLLUP` and `a, b GROUPING SETS (…)` come in the form of the standard. */
export type GroupItem =
  | (Node & { kind: 'expression'; value: Expression })
  | (Node & { kind: 'rollup' | 'cube'; sets: Expression[][] })
  | (Node & { kind: 'groupingSets'; sets: GroupingSet[] });
export type GroupingSet =
  | (Node & { kind: 'set'; items: Expression[] })
  | (Node & { kind: 'rollup' | 'cube'; sets: Expression[][] })
  | (Node & { kind: 'groupingSets'; sets: GroupingSet[] });
export interface NamedWindow extends Node {
  name: Identifier;
  window: WindowSpec | WindowRef;
}
/** INTERSECT binds tighter than UNION, EXCEPT and MINUS (which is `except`). */
export interface SetOperation extends Node {
  kind: 'setOperation';
  op: 'union' | 'intersect' | 'except';
  all: boolean;
  left: QueryBody;
  right: QueryBody;
}
/** VALUES (1, 'a'), (2, 'b'): a row of one value needs no parentheses, and STRUCT(…) is a row too. */
export interface Values extends Node {
  kind: 'values';
  rows: Expression[][];
  alias?: TableAlias;
}
/** `TABLE t`. */
export interface TableQuery extends Node {
  kind: 'tableQuery';
  name: Name;
}
/** `(query)` as a body, with its own ordering and limits. */
export interface NestedQuery extends Node {
  kind: 'nested';
  query: Query;
}
/** `input |> operator`: the operator sees the columns of its input, with the names that qualified them. */
export interface Pipe extends Node {
  kind: 'pipe';
  input: QueryBody;
  operator: PipeOperator;
}
/**
 * What may follow `|>`. The SELECT has no FROM of its own; a join, PIVOT, UNPIVOT and TABLESAMPLE do to the input what
 * they do to a relation of FROM; `pipeOrder` is any of ORDER BY, LIMIT, OFFSET and their kin, or nothing at all.
 */
export type PipeOperator = Node &
  (
    | { kind: 'pipeSelect'; select: Select }
    | { kind: 'pipeExtend'; items: SelectItem[] }
    | { kind: 'pipeSet'; assignments: { column: Identifier; value: Expression }[] }
    | { kind: 'pipeDrop'; columns: Identifier[] }
    | { kind: 'pipeAs'; name: Identifier }
    | { kind: 'pipeWhere'; condition: Expression }
    | { kind: 'pipeAggregate'; items: SelectItem[]; keys: SelectItem[] }
    | { kind: 'pipeJoin'; join: Omit<Join, 'left'> }
    | { kind: 'pipePivot'; pivot: Omit<Pivot, 'input'> | Omit<Unpivot, 'input'> }
    | { kind: 'pipeSample'; sample: Sample }
    | { kind: 'pipeCombine'; op: SetOperation['op']; all: boolean; right: QueryBody }
    | { kind: 'pipeOrder'; order: QueryOrder }
  );

export interface TableAlias extends Node {
  /** Absent for `AS (a, b)`. */
  name?: Identifier;
  columns?: Identifier[];
}
export interface Sample extends Node {
  method: 'system' | 'bernoulli';
  /** `percent` and `bucket` (x OUT OF y) are a share of the rows from 0 to 1, `rows` their number. */
  size: { unit: 'share'; share: number } | { unit: 'rows'; rows: Expression };
  repeatable?: string;
}
export type TimeTravel = { kind: 'version'; value: Expression } | { kind: 'timestamp'; value: Expression };

export type Relation = TableRef | SubqueryRelation | Values | TableFunction | Join | NestedRelation | Pivot | Unpivot;

export interface TableRef extends Node {
  kind: 'table';
  name: Name;
  timeTravel?: TimeTravel;
  sample?: Sample;
  /** STREAM t or STREAM(t). */
  stream: boolean;
  /** WITH ('key' = 'value'). */
  options: Property[];
  alias?: TableAlias;
}
export interface SubqueryRelation extends Node {
  kind: 'subqueryRelation';
  query: Query;
  lateral: boolean;
  sample?: Sample;
  alias?: TableAlias;
}
/** range(10), read_files('…', format => 'csv'), event_log(TABLE(t)), explode(xs) … */
export interface TableFunction extends Node {
  kind: 'tableFunction';
  name: Name;
  args: (Expression | TableArgument)[];
  named: { name: Identifier; value: Expression | TableArgument }[];
  lateral: boolean;
  /** STREAM read_files(…). */
  stream: boolean;
  alias?: TableAlias;
}
/** TABLE(t), TABLE t or TABLE(query) as an argument. */
export interface TableArgument extends Node {
  kind: 'tableArgument';
  table: Name | Query;
}
export interface Join extends Node {
  kind: 'join';
  /** LEFT SEMI and SEMI are `semi`; LEFT ANTI and ANTI are `anti`. */
  type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
  natural: boolean;
  left: Relation;
  right: Relation;
  on?: Expression;
  using?: Identifier[];
}
/** `(a JOIN b …)`, perhaps with an alias of its own. */
export interface NestedRelation extends Node {
  kind: 'nestedRelation';
  relation: Relation;
  sample?: Sample;
  alias?: TableAlias;
}
export interface Pivot extends Node {
  kind: 'pivot';
  input: Relation;
  aggregates: { value: Expression; alias?: Identifier }[];
  /** One, or several in parentheses. */
  columns: Identifier[];
  /** A `row` for several columns. */
  values: { value: Expression; alias?: Identifier }[];
  alias?: TableAlias;
}
export interface Unpivot extends Node {
  kind: 'unpivot';
  input: Relation;
  includeNulls: boolean;
  /** One name, or several in parentheses: then every entry of `sets` has as many columns. */
  valueColumns: Identifier[];
  nameColumn: Identifier;
  sets: { columns: Name[]; alias?: Identifier }[];
  alias?: TableAlias;
}
/** LATERAL VIEW [OUTER] explode(xs) t AS a, b. */
export interface LateralView extends Node {
  outer: boolean;
  name: Name;
  args: Expression[];
  table?: Identifier;
  columns: Identifier[];
}
