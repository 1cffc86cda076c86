import type { DataType, IntervalUnit } from '@boathouse/contracts';
import type { Identifier, Name, TypeRef } from './name.ts';
import type { Query } from './query.ts';
import type { Node } from './range.ts';

export interface NullLiteral extends Node {
  kind: 'null';
}
export interface BooleanLiteral extends Node {
  kind: 'boolean';
  value: boolean;
}
/** Escapes are resolved and adjacent literals joined; `"…"` and r'…' are strings too. */
export interface StringLiteral extends Node {
  kind: 'string';
  value: string;
}
/**
 * `text` is the number without its suffix, with a leading `-` where the sign belongs to the literal (`-1::string` is
 * '-1'): what JavaScript and DuckDB read alike (`1`, `-1.50`, `.5`, `1e3`). `type` is tinyint … bigint, float, double or
 * decimal(p,s) as Spark types it.
 */
export interface NumberLiteral extends Node {
  kind: 'number';
  text: string;
  type: DataType;
}
/** X'1F': upper-case hexadecimal digits, two a byte. */
export interface BinaryLiteral extends Node {
  kind: 'binary';
  hex: string;
}
/** DATE'…' and the like; the text is not checked here. `timestamp` is TIMESTAMP or TIMESTAMP_LTZ. */
export interface DatetimeLiteral extends Node {
  kind: 'datetime';
  type: 'date' | 'timestamp' | 'timestamp_ntz' | 'time';
  text: string;
}
/**
 * - `text`: INTERVAL '1 day 2 hours' (the text is not checked here);
 * - `units`: INTERVAL 1 DAY '2' HOURS, with singular lower-case units; `value` has its sign;
 * - `range`: INTERVAL '1-2' YEAR TO MONTH; `negative` is a minus before the text.
 */
export interface IntervalLiteral extends Node {
  kind: 'interval';
  value:
    | { form: 'text'; text: string }
    | { form: 'units'; parts: { value: string; unit: IntervalPartUnit }[] }
    | { form: 'range'; text: string; negative: boolean; from: IntervalUnit; to: IntervalUnit };
}
export type IntervalPartUnit = IntervalUnit | 'week' | 'millisecond' | 'microsecond' | 'nanosecond';

/**
 * A name that the analyser resolves: column, table.column, struct column.field … Where no column has the name, a one-part
 * name of `literalFunctions` is that function.
 */
export interface ColumnRef extends Node {
  kind: 'column';
  parts: Identifier[];
}
/** `*`, `t.*` and `* EXCEPT (a, s.b)`. `replace` puts a value in the place of a column: the pipe operator SET. */
export interface Star extends Node {
  kind: 'star';
  qualifier: Identifier[];
  except: Name[];
  replace?: { column: Identifier; value: Expression };
}
/** `:name`, or `?` counted from 0 in the text. */
export interface Parameter extends Node {
  kind: 'parameter';
  name?: string;
  index?: number;
}
export interface Unary extends Node {
  kind: 'unary';
  op: '-' | '+' | '~' | 'not';
  operand: Expression;
}
/** Spelling is unified: `==` is `=`, `<>` is `!=`. */
export type BinaryOp =
  | 'or'
  | 'and'
  | '='
  | '<=>'
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '|'
  | '^'
  | '&'
  | '<<'
  | '>>'
  | '>>>'
  | '+'
  | '-'
  | '||'
  | '*'
  | '/'
  | '%'
  | 'div';
export interface Binary extends Node {
  kind: 'binaryOp';
  op: BinaryOp;
  left: Expression;
  right: Expression;
}
export interface Between extends Node {
  kind: 'between';
  operand: Expression;
  low: Expression;
  high: Expression;
  negated: boolean;
}
export interface InList extends Node {
  kind: 'inList';
  operand: Expression;
  items: Expression[];
  negated: boolean;
}
export interface InSubquery extends Node {
  kind: 'inSubquery';
  /** A `row` for `(a, b) IN (SELECT …)`. */
  operand: Expression;
  query: Query;
  negated: boolean;
}
export interface Exists extends Node {
  kind: 'exists';
  query: Query;
}
export interface ScalarSubquery extends Node {
  kind: 'subquery';
  query: Query;
}
/** `op`: RLIKE and REGEXP are `rlike`. */
export interface Like extends Node {
  kind: 'like';
  op: 'like' | 'ilike' | 'rlike';
  operand: Expression;
  pattern: Expression;
  /** One character. */
  escape?: string;
  negated: boolean;
}
/** LIKE ANY / SOME / ALL ('a', 'b'). */
export interface LikeQuantified extends Node {
  kind: 'likeQuantified';
  op: 'like' | 'ilike';
  quantifier: 'any' | 'all';
  operand: Expression;
  patterns: Expression[];
  negated: boolean;
}
/** IS [NOT] NULL / TRUE / FALSE / UNKNOWN. */
export interface Is extends Node {
  kind: 'is';
  what: 'null' | 'true' | 'false' | 'unknown';
  operand: Expression;
  negated: boolean;
}
/** `a IS [NOT] DISTINCT FROM b`; negated is `<=>`. */
export interface IsDistinct extends Node {
  kind: 'isDistinct';
  left: Expression;
  right: Expression;
  negated: boolean;
}
export interface Case extends Node {
  kind: 'case';
  operand?: Expression;
  branches: { when: Expression; then: Expression }[];
  otherwise?: Expression;
}
/** CAST, TRY_CAST and `::` (which is a `cast`). */
export interface Cast extends Node {
  kind: 'cast';
  mode: 'cast' | 'try_cast';
  operand: Expression;
  to: TypeRef;
}
/** EXTRACT(field FROM source); `field` as written. */
export interface Extract extends Node {
  kind: 'extract';
  field: string;
  source: Expression;
}
/** TRIM([BOTH|LEADING|TRAILING] [characters] FROM source); TRIM(x) and TRIM(x, y) are plain calls. */
export interface Trim extends Node {
  kind: 'trim';
  side: 'both' | 'leading' | 'trailing';
  characters?: Expression;
  source: Expression;
}
/** Anything called. SUBSTRING(a FROM b FOR c), POSITION(a IN b) and OVERLAY(…) come as plain calls of their arguments. */
export interface Call extends Node {
  kind: 'call';
  name: Name;
  args: Expression[];
  /** `f(key => value)`. */
  named: { name: Identifier; value: Expression }[];
  distinct: boolean;
  /** The unit of TIMESTAMPADD(unit, …), DATEDIFF(unit, …) and kin, upper case; `args` are then the other two. */
  unit?: string;
  /** FILTER (WHERE …). */
  filter?: Expression;
  /** WITHIN GROUP (ORDER BY …). */
  withinGroup?: SortItem[];
  nulls?: 'ignore' | 'respect';
  over?: WindowRef | WindowSpec;
}
/** `expression AS name` as an argument: only of STRUCT(…), and in a row `(a AS x, b)`. */
export interface Aliased extends Node {
  kind: 'aliased';
  value: Expression;
  alias: Identifier;
}
export interface Lambda extends Node {
  kind: 'lambda';
  params: Identifier[];
  body: Expression;
}
/** `(a, b)`: a struct with fields col1, col2 (or the columns' names). */
export interface Row extends Node {
  kind: 'row';
  items: Expression[];
}
/** `base.name` where base is not itself a name: `f(x).a`, `xs[0].a`, `(s).a`. */
export interface Field extends Node {
  kind: 'field';
  base: Expression;
  name: Identifier;
}
/** `base[index]`. */
export interface Index extends Node {
  kind: 'index';
  base: Expression;
  index: Expression;
}
/** `base:path`: a path into JSON text or a variant, as steps. */
export interface JsonPath extends Node {
  kind: 'jsonPath';
  base: Expression;
  steps: ({ field: string; quoted: boolean } | { index: number } | { each: true })[];
}
/** `a COLLATE name`. */
export interface Collate extends Node {
  kind: 'collate';
  operand: Expression;
  collation: string;
}

export type Expression =
  | NullLiteral
  | BooleanLiteral
  | StringLiteral
  | NumberLiteral
  | BinaryLiteral
  | DatetimeLiteral
  | IntervalLiteral
  | ColumnRef
  | Star
  | Parameter
  | Unary
  | Binary
  | Between
  | InList
  | InSubquery
  | Exists
  | ScalarSubquery
  | Like
  | LikeQuantified
  | Is
  | IsDistinct
  | Case
  | Cast
  | Extract
  | Trim
  | Call
  | Aliased
  | Lambda
  | Row
  | Field
  | Index
  | JsonPath
  | Collate;

/** `nulls` is absent where not written: Spark's default is first for ASC, last for DESC. */
export interface SortItem extends Node {
  value: Expression;
  direction: 'asc' | 'desc';
  nulls?: 'first' | 'last';
}

/** `OVER name`. */
export interface WindowRef extends Node {
  kind: 'windowRef';
  name: Identifier;
}
export interface WindowSpec extends Node {
  kind: 'windowSpec';
  partitionBy: Expression[];
  orderBy: SortItem[];
  frame?: WindowFrame;
}
export interface WindowFrame extends Node {
  unit: 'rows' | 'range';
  start: FrameBound;
  /** CURRENT ROW where only the start was written. */
  end: FrameBound;
}
export type FrameBound =
  | { kind: 'unboundedPreceding' }
  | { kind: 'unboundedFollowing' }
  | { kind: 'currentRow' }
  | { kind: 'preceding'; value: Expression }
  | { kind: 'following'; value: Expression };

/** Functions that Spark calls without parentheses where no column has their name (lower case). */
export const literalFunctions: ReadonlySet<string> = new Set([
  'current_catalog',
  'current_database',
  'current_schema',
  'current_date',
  'current_time',
  'current_timestamp',
  'current_user',
  'grouping__id',
  'localtimestamp',
  'session_user',
  'user',
]);
