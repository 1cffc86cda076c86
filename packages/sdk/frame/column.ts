import { literal, quoteName, quotePath, SdkError, type SqlValue } from '../sql/text.ts';
import type { Window } from './window.ts';

/** A column or a value: text stands for a value here. */
export type Operand = Column | SqlValue;

/** An expression over columns. It holds SQL text and nothing else. */
export class Column {
  /** The expression, fit to stand as an operand. */
  readonly operand: string;
  /** The expression as an item of a SELECT list. */
  readonly item: string;
  /** True for a plain reference to a column, without a new name. */
  readonly isName: boolean;

  constructor(operand: string, item = operand, isName = false) {
    this.operand = operand;
    this.item = item;
    this.isName = isName;
  }

  /** Names the column in the result. */
  alias(name: string): Column {
    return new Column(this.operand, `${this.operand} AS ${quoteName(name)}`);
  }
  as(name: string): Column {
    return this.alias(name);
  }
  /** To a type of Spark SQL: `double`, `decimal(10, 2)`, `array<string>`. */
  cast(type: string): Column {
    return new Column(`CAST(${this.operand} AS ${type})`);
  }
  try_cast(type: string): Column {
    return new Column(`TRY_CAST(${this.operand} AS ${type})`);
  }

  eq(other: Operand): Column {
    return this.with('=', other);
  }
  /** Equal, where NULL equals NULL. */
  eqNullSafe(other: Operand): Column {
    return this.with('<=>', other);
  }
  neq(other: Operand): Column {
    return this.with('<>', other);
  }
  gt(other: Operand): Column {
    return this.with('>', other);
  }
  geq(other: Operand): Column {
    return this.with('>=', other);
  }
  gte(other: Operand): Column {
    return this.geq(other);
  }
  lt(other: Operand): Column {
    return this.with('<', other);
  }
  leq(other: Operand): Column {
    return this.with('<=', other);
  }
  lte(other: Operand): Column {
    return this.leq(other);
  }
  and(other: Operand): Column {
    return this.with('AND', other);
  }
  or(other: Operand): Column {
    return this.with('OR', other);
  }
  not(): Column {
    return new Column(`(NOT ${this.operand})`);
  }
  plus(other: Operand): Column {
    return this.with('+', other);
  }
  minus(other: Operand): Column {
    return this.with('-', other);
  }
  times(other: Operand): Column {
    return this.with('*', other);
  }
  divide(other: Operand): Column {
    return this.with('/', other);
  }
  mod(other: Operand): Column {
    return this.with('%', other);
  }
  isNull(): Column {
    return new Column(`(${this.operand} IS NULL)`);
  }
  isNotNull(): Column {
    return new Column(`(${this.operand} IS NOT NULL)`);
  }
  between(low: Operand, high: Operand): Column {
    return new Column(`(${this.operand} BETWEEN ${operand(low)} AND ${operand(high)})`);
  }
  isin(...values: readonly (Operand | readonly Operand[])[]): Column {
    const list = values.flat() as Operand[];
    if (!list.length) return new Column('false');
    return new Column(`(${this.operand} IN (${list.map(operand).join(', ')}))`);
  }
  like(pattern: string): Column {
    return this.with('LIKE', pattern);
  }
  rlike(pattern: string): Column {
    return this.with('RLIKE', pattern);
  }
  contains(text: Operand): Column {
    return new Column(`contains(${this.operand}, ${operand(text)})`);
  }
  startsWith(text: Operand): Column {
    return new Column(`startswith(${this.operand}, ${operand(text)})`);
  }
  endsWith(text: Operand): Column {
    return new Column(`endswith(${this.operand}, ${operand(text)})`);
  }
  /** A field of a struct. */
  getField(name: string): Column {
    return new Column(`${this.operand}.${quoteName(name)}`);
  }
  /** An element of an array (from 0) or a value of a map. */
  getItem(key: SqlValue): Column {
    return new Column(`${this.operand}[${literal(key)}]`);
  }
  asc(): Sort {
    return new Sort(`${this.operand} ASC`, this.isName);
  }
  desc(): Sort {
    return new Sort(`${this.operand} DESC`, this.isName);
  }
  over(window: Window): Column {
    return new Column(`${this.operand} OVER (${window.sql})`);
  }

  private with(operator: string, other: Operand): Column {
    return new Column(`(${this.operand} ${operator} ${operand(other)})`);
  }
}

/** A column with its place in an order. */
export class Sort {
  readonly sql: string;
  /** True for a plain reference to a column. */
  readonly isName: boolean;
  constructor(sql: string, isName: boolean) {
    this.sql = sql;
    this.isName = isName;
  }
  nullsFirst(): Sort {
    return new Sort(`${this.sql} NULLS FIRST`, this.isName);
  }
  nullsLast(): Sort {
    return new Sort(`${this.sql} NULLS LAST`, this.isName);
  }
}

/** A column, or the name of one. */
export type ColumnOrName = Column | string;
export type Sortable = ColumnOrName | Sort;

/** The column of a name: `a`, `a.b` (a field, or a column of an aliased table), `*`. */
export const col = (name: string): Column => new Column(quotePath(name), quotePath(name), true);
export const named = (column: ColumnOrName): Column => (typeof column === 'string' ? col(column) : checked(column));
export const sorted = (column: Sortable): Sort => {
  if (column instanceof Sort) return column;
  const { operand: sql, isName } = named(column);
  return new Sort(sql, isName);
};
export const operand = (value: Operand): string => (value instanceof Column ? value.operand : literal(value));

function checked(column: unknown): Column {
  if (column instanceof Column) return column;
  throw new SdkError('BAD_COLUMN', 'Give a column (col("a"), an expression) or the name of one.');
}
