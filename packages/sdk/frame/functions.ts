import { SdkError, type SqlValue } from '../sql/text.ts';
import { Column, type ColumnOrName, col, named, type Operand, operand, type Sort } from './column.ts';

/** A value as a column. */
export const lit = (value: SqlValue | Column): Column => (value instanceof Column ? value : new Column(operand(value)));

/** SQL text as a column: `expr("a + 1 AS b")`. */
export const expr = (text: string): Column => new Column(`(${text}\n)`, text);

/** Any function of Spark SQL by its name. Text stands for columns; values are given by `lit`. */
export function callFunction(name: string, ...columns: readonly ColumnOrName[]): Column {
  if (!/^[a-zA-Z_][\w.]*$/.test(name)) throw new SdkError('BAD_NAME', `"${name}" is not the name of a function.`);
  return new Column(`${name}(${columns.map((column) => named(column).operand).join(', ')})`);
}

type Unary = (column: ColumnOrName) => Column;
const unary =
  (name: string): Unary =>
  (column) =>
    callFunction(name, column);

/** Functions whose arguments are one column. */
const UNARY = [
  ...[
    'sum',
    'avg',
    'mean',
    'min',
    'max',
    'first',
    'last',
    'stddev',
    'variance',
    'median',
    'collect_list',
    'collect_set',
  ],
  ...['abs', 'ceil', 'floor', 'sqrt', 'exp', 'ln', 'log10', 'sign'],
  ...['lower', 'upper', 'trim', 'ltrim', 'rtrim', 'length', 'initcap', 'reverse'],
  ...['year', 'quarter', 'month', 'dayofmonth', 'dayofweek', 'dayofyear', 'weekofyear', 'hour', 'minute', 'second'],
  ...['to_date', 'to_timestamp', 'explode', 'size', 'isnan', 'last_day', 'approx_count_distinct'],
] as const;
type UnaryName = (typeof UNARY)[number];

const named1 = Object.fromEntries(UNARY.map((name) => [name, unary(name)])) as Record<UnaryName, Unary>;

export const desc = (column: ColumnOrName): Sort => named(column).desc();
export const asc = (column: ColumnOrName): Sort => named(column).asc();

/** A value by conditions: `when(a, 1).when(b, 2).otherwise(3)`. */
export class Case extends Column {
  private readonly branches: readonly string[];
  constructor(branches: readonly string[]) {
    super(`CASE ${branches.join(' ')} END`);
    this.branches = branches;
  }
  when(condition: Column, value: Operand): Case {
    return new Case([...this.branches, branch(condition, value)]);
  }
  otherwise(value: Operand): Column {
    return new Column(`CASE ${this.branches.join(' ')} ELSE ${operand(value)} END`);
  }
}
const branch = (condition: Column, value: Operand): string => `WHEN ${named(condition).operand} THEN ${operand(value)}`;
export const when = (condition: Column, value: Operand): Case => new Case([branch(condition, value)]);

/** What `functions` (and `F`) holds. */
export const functions = {
  ...named1,
  col,
  lit,
  expr,
  when,
  asc,
  desc,
  callFunction,
  count: (column: ColumnOrName = '*') => callFunction('count', column),
  countDistinct: (...columns: readonly ColumnOrName[]) =>
    new Column(`count(DISTINCT ${columns.map((column) => named(column).operand).join(', ')})`),
  sumDistinct: (column: ColumnOrName) => new Column(`sum(DISTINCT ${named(column).operand})`),
  coalesce: (...columns: readonly ColumnOrName[]) => callFunction('coalesce', ...columns),
  greatest: (...columns: readonly ColumnOrName[]) => callFunction('greatest', ...columns),
  least: (...columns: readonly ColumnOrName[]) => callFunction('least', ...columns),
  concat: (...columns: readonly ColumnOrName[]) => callFunction('concat', ...columns),
  concat_ws: (separator: string, ...columns: readonly ColumnOrName[]) =>
    callFunction('concat_ws', lit(separator), ...columns),
  round: (column: ColumnOrName, digits = 0) => callFunction('round', column, lit(digits)),
  substring: (column: ColumnOrName, from: number, length: number) =>
    callFunction('substring', column, lit(from), lit(length)),
  split: (column: ColumnOrName, pattern: string) => callFunction('split', column, lit(pattern)),
  regexp_replace: (column: ColumnOrName, pattern: string, by: string) =>
    callFunction('regexp_replace', column, lit(pattern), lit(by)),
  regexp_extract: (column: ColumnOrName, pattern: string, group = 1) =>
    callFunction('regexp_extract', column, lit(pattern), lit(group)),
  date_trunc: (unit: string, column: ColumnOrName) => callFunction('date_trunc', lit(unit), column),
  date_format: (column: ColumnOrName, format: string) => callFunction('date_format', column, lit(format)),
  date_add: (column: ColumnOrName, days: number) => callFunction('date_add', column, lit(days)),
  datediff: (end: ColumnOrName, start: ColumnOrName) => callFunction('datediff', end, start),
  current_date: () => new Column('current_date()'),
  current_timestamp: () => new Column('current_timestamp()'),
  row_number: () => new Column('row_number()'),
  rank: () => new Column('rank()'),
  dense_rank: () => new Column('dense_rank()'),
  lag: (column: ColumnOrName, rows = 1) => callFunction('lag', column, lit(rows)),
  lead: (column: ColumnOrName, rows = 1) => callFunction('lead', column, lit(rows)),
} as const;
export type Functions = typeof functions;
