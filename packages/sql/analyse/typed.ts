import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';

/**
 * Value of a literal expression. Integers of any width are bigint, float and double number, decimal its exact text with
 * the type's scale, string the string, date `YYYY-MM-DD`, timestamp its ISO text in UTC, anything else is not a constant.
 */
export type ConstantValue = null | boolean | bigint | number | string;

/** An analysed expression: its engine text and what is known about the value. */
export interface Typed {
  /** Engine text that may stand as an operand anywhere: parenthesised unless a call, a literal or a column. */
  sql: Sql;
  type: DataType;
  nullable: boolean;
  /** Spark's name of the expression as an output column: `(a + 1)`, `count(1)`, the alias, the column as written. */
  name: string;
  /** The name as an output column where it differs from the printed expression: field `f` of `s.f`, x of CAST(x AS …). */
  outputName?: string;
  /** Set for literals (also signed ones and typed ones): the value. */
  constant?: { value: ConstantValue };
  /** The elements of an array that is written out, for functions that must know its literals. */
  elements?: Typed[];
  /** True where no column, subquery or non-deterministic function is inside: Spark would fold it. */
  foldable?: boolean;
  /** An aggregate call is inside (not one of a subquery). */
  aggregate?: boolean;
  /** A window call is inside. */
  window?: boolean;
  /** Gives another value on each call (rand, uuid): may not be duplicated in engine text. */
  volatile?: boolean;
  /** A name was written and nothing else: a cast of it is named like the column. */
  named?: boolean;
  /** Text that is a cast of bytes: the bytes, which need not be UTF-8. */
  bytes?: Sql;
  /** Of a name: the relation that the column comes from. */
  qualifier?: readonly string[];
  /** A map of text literals: its entries, which functions take for options. */
  entries?: readonly (readonly [string, string])[];
  /** A column that is the literal 0 in every row. */
  zero?: boolean;
  /** A bare column of a base table (`tables[table]`), for pruning. */
  column?: { table: number; name: string };
  /** The value in decimals of 64 bits (types/quick.ts). */
  quick?: Quick;
}

/** A text of a decimal that is NULL where 64 bits do not hold it, and else the value. Counts only for the text `of` itself. */
export interface Quick {
  of: Sql;
  sql: Sql;
  scale: number;
  /** The text for rows where `sql` is NULL; absent where it never is for another reason than the value. */
  exact?: Sql;
}

/** What functions may know of the session. Values of one statement are fixed at its start. */
export interface ExpressionSession {
  timeZone: string;
  now: Date;
  catalog: string;
  schema: string;
  user: string;
  /** Settings that SET gave, by Spark's name; absent where none were. */
  settings?: Readonly<Record<string, string>>;
}
