import type { DataType } from '@boathouse/contracts';
import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';

export interface SortKey {
  value: Typed;
  descending: boolean;
  nullsFirst: boolean;
}

/** A lambda argument: `bind` analyses its body with parameters of these types; null names mean the engine chooses. */
export interface LambdaArgument {
  /** Number of parameters that the user wrote. */
  arity: number;
  /** Engine names of the parameters and the analysed body. The body's name is Spark's text of the whole lambda. */
  bind(params: { type: DataType; nullable: boolean }[]): { names: string[]; body: Typed };
}

/** One call as the analyser hands it to a row. */
export interface FunctionCall {
  /** The name as the user wrote it, lower case. */
  name: string;
  /** Analysed arguments in order. A lambda's place holds a void NULL; see `lambdas`. */
  args: Typed[];
  /** Lambda arguments by index; empty unless the row has `lambdas: true`. */
  lambdas: Map<number, LambdaArgument>;
  /** `f(DISTINCT …)`: aggregates put `DISTINCT ` into the text and the name themselves (see `defaultName`). */
  distinct: boolean;
  /** IGNORE NULLS was written. */
  ignoreNulls: boolean;
  /** WITHIN GROUP (ORDER BY …). */
  orderWithin: SortKey[];
  /**
   * ` FILTER (WHERE …)` and ` OVER (…)` of aggregates and window functions: stands right behind the closing parenthesis of
   * every engine aggregate in the text. Empty for scalars.
   */
  suffix: Sql;
  /** True where the call has an OVER clause. */
  over: boolean;
  /** With OVER: the window is all of a partition, without an order. */
  wholeWindow: boolean;
  session: ExpressionSession;
  /** Offsets in the statement text, for errors. */
  range: { start: number; end: number };
}

export type FunctionResult = Omit<Typed, 'name'> & { name?: string };

/**
 * Operators that are rows of the table under these names (the analyser calls them like functions; their rows set `name`):
 * binary `+ - * / % div || & | ^ << >> >>> = <=> != < <= > >=`, `and`, `or`; unary `unary -`, `unary +`, `unary ~`, `not`;
 * `like`, `ilike`, `rlike` (value, pattern, and the escape character as a string literal where written);
 * `[]` (base, index); `in` (value, items…); `between` (value, low, high); `is null`; `case` (when, then, …, otherwise) –
 * a CASE with an operand comes as `case` over `=`. The analyser builds `!=`, NOT IN, IS NOT … from `not` over these.
 */
export const operatorRows = [
  ...['+', '-', '*', '/', '%', 'div', '||', '&', '|', '^', '<<', '>>', '>>>', '=', '<=>', '<', '<=', '>', '>='],
  ...['and', 'or', 'not', 'unary -', 'unary +', 'unary ~', 'like', 'ilike', 'rlike', '[]', 'in', 'between', 'is null'],
  ...['case'],
] as const;

/** One function of the library. A function without a row is refused by name. */
export interface FunctionRow {
  /** Lower-case name. */
  name: string;
  aliases?: string[];
  kind: 'scalar' | 'aggregate' | 'window' | 'generator';
  minArgs: number;
  /** Infinity for variadic functions. */
  maxArgs: number;
  /** Takes lambda arguments. */
  lambdas?: boolean;
  /** The name in Spark's automatic column name where it is not the called name. */
  prettyName?: string;
  /**
   * Types the call and writes its engine text. Throws DATATYPE_MISMATCH.* for wrong types and UNSUPPORTED_FUNCTION for forms
   * that are not proven. Without `name` the analyser names the result by `defaultName`; it adds FILTER and OVER itself.
   */
  build(call: FunctionCall): FunctionResult;
}

/** `sum(DISTINCT a, b)`: how Spark prints most calls. */
export function defaultName(row: FunctionRow, call: FunctionCall): string {
  const args = call.args.map((arg) => arg.name).join(', ');
  return `${row.prettyName ?? call.name}(${call.distinct ? 'DISTINCT ' : ''}${args})`;
}
