import { quoteName, SdkError } from '../sql/text.ts';
import { Column, type ColumnOrName, col, named, type Sortable, sorted } from './column.ts';
import { functions } from './functions.ts';
import { GroupedData } from './grouped.ts';
import {
  aliased,
  ofRelation,
  ofText,
  openForLimit,
  openForOrder,
  openForSelect,
  openForWhere,
  type Query,
  relationOf,
  rightSideOf,
  textOf,
} from './query.ts';
import type { Backend, Row, SchemaColumn } from './types.ts';
import { DataFrameWriter } from './writer.ts';

/** Names of joins as Spark has them. */
const JOINS: Readonly<Record<string, string>> = {
  inner: 'JOIN',
  cross: 'CROSS JOIN',
  left: 'LEFT JOIN',
  leftouter: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  rightouter: 'RIGHT JOIN',
  full: 'FULL JOIN',
  outer: 'FULL JOIN',
  fullouter: 'FULL JOIN',
  semi: 'LEFT SEMI JOIN',
  leftsemi: 'LEFT SEMI JOIN',
  anti: 'LEFT ANTI JOIN',
  leftanti: 'LEFT ANTI JOIN',
};

/**
 * A query that is written step by step and run when its rows are asked for. Each step makes a new one; all of it is SQL
 * text in the end, planned with the rights of the person who runs the cell.
 */
export class DataFrame {
  /** Where the query is run. */
  readonly backend: Backend;
  /** The query as known so far: some steps need the columns of the one before. */
  readonly query: () => Promise<Query>;

  constructor(backend: Backend, query: () => Promise<Query>) {
    this.backend = backend;
    let compiled: Promise<Query> | undefined;
    this.query = () => {
      compiled ??= query();
      return compiled;
    };
  }

  /** The SQL of this DataFrame. */
  async sql(): Promise<string> {
    return textOf(await this.query());
  }

  select(...columns: readonly (ColumnOrName | readonly ColumnOrName[])[]): DataFrame {
    const list = columns.flat().map((column) => named(column as ColumnOrName));
    if (!list.length) throw new SdkError('NO_COLUMNS', 'select needs at least one column.');
    const keepsNames = list.every((column) => column.isName);
    return this.step((query) => ({ ...openForSelect(query, keepsNames), select: list.map((column) => column.item) }));
  }
  selectExpr(...items: readonly string[]): DataFrame {
    return this.select(...items.map(functions.expr));
  }
  /** Rows for which the condition holds: a column, or SQL text. */
  filter(condition: Column | string): DataFrame {
    const text = typeof condition === 'string' ? `(${condition}\n)` : named(condition).operand;
    return this.step((query) => {
      const open = openForWhere(query);
      return { ...open, where: [...open.where, text] };
    });
  }
  where(condition: Column | string): DataFrame {
    return this.filter(condition);
  }
  groupBy(...columns: readonly (ColumnOrName | readonly ColumnOrName[])[]): GroupedData {
    return new GroupedData(
      (change) => this.step(change),
      columns.flat().map((column) => named(column as ColumnOrName)),
      this.backend,
    );
  }
  /** Aggregates over all rows. */
  agg(...aggregates: readonly Column[]): DataFrame {
    return this.groupBy().agg(...aggregates);
  }
  /** `on`: names that both sides have (they appear once), or a condition; aliases of both sides can be used in it. */
  join(other: DataFrame, on?: string | readonly string[] | Column, how = 'inner'): DataFrame {
    const keyword = JOINS[how.toLowerCase().replaceAll('_', '')];
    if (!keyword)
      throw new SdkError('UNKNOWN_JOIN', `There is no join "${how}". Use ${Object.keys(JOINS).join(', ')}.`);
    const crosses = on === undefined;
    if (crosses && how !== 'inner' && how !== 'cross')
      throw new SdkError('JOIN_WITHOUT_CONDITION', `A ${how} join needs the columns or the condition to join on.`);
    const condition =
      on === undefined
        ? ''
        : on instanceof Column
          ? ` ON ${on.operand}`
          : ` USING (${[on]
              .flat()
              .map((name) => quoteName(name as string))
              .join(', ')})`;
    return this.step(async (left) => {
      const right = rightSideOf(await other.query());
      return ofRelation(`${relationOf(left)} ${crosses ? 'CROSS JOIN' : keyword} ${right}${condition}`, true);
    });
  }
  crossJoin(other: DataFrame): DataFrame {
    return this.join(other, undefined, 'cross');
  }
  /** A name by which columns of this side of a join are told apart: `col("a.id")`. */
  alias(name: string): DataFrame {
    return this.step((query) => aliased(query, name));
  }
  orderBy(...columns: readonly (Sortable | readonly Sortable[])[]): DataFrame {
    const order = columns.flat().map((column) => sorted(column as Sortable));
    const isNames = order.every((column) => column.isName);
    if (!order.length) throw new SdkError('NO_COLUMNS', 'orderBy needs at least one column.');
    return this.step((query) => ({ ...openForOrder(query, isNames), orderBy: order.map((column) => column.sql) }));
  }
  sort(...columns: readonly (Sortable | readonly Sortable[])[]): DataFrame {
    return this.orderBy(...columns);
  }
  limit(rows: number): DataFrame {
    return this.step((query) => ({ ...openForLimit(query), limit: count(rows, 'limit') }));
  }
  offset(rows: number): DataFrame {
    return this.step((query) => ({ ...openForLimit(query), offset: count(rows, 'offset') }));
  }
  distinct(): DataFrame {
    return this.step((query) => ({ ...ofRelation(relationOf(query)), distinct: true }));
  }
  /** One row, whichever, of those that agree in the columns; without columns like `distinct`. */
  dropDuplicates(...columns: readonly (string | readonly string[])[]): DataFrame {
    const keys = columns.flat().map((name) => col(name).operand);
    if (!keys.length) return this.distinct();
    const rank = `row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${keys.join(', ')})`;
    return this.step((query) => ofText(`SELECT * FROM ${relationOf(query)} QUALIFY ${rank} = 1`));
  }
  /** Adds a column, or replaces the one of that name in its place. */
  withColumn(name: string, value: Column): DataFrame {
    const item = named(value).alias(name).item;
    return this.rebuild((columns) => {
      const items = columns.map((column) => (same(column.name, name) ? item : quoteName(column.name)));
      return columns.some((column) => same(column.name, name)) ? items : [...items, item];
    });
  }
  withColumnRenamed(from: string, to: string): DataFrame {
    return this.rebuild((columns) =>
      columns.map(({ name }) => (same(name, from) ? col(quoteName(name)).alias(to).item : quoteName(name))),
    );
  }
  drop(...names: readonly string[]): DataFrame {
    return this.rebuild((columns) =>
      columns.filter(({ name }) => !names.some((other) => same(name, other))).map(({ name }) => quoteName(name)),
    );
  }
  /** The rows of both, by position; duplicates stay. */
  union(other: DataFrame): DataFrame {
    return this.combine('UNION ALL', other);
  }
  unionAll(other: DataFrame): DataFrame {
    return this.union(other);
  }
  /** The rows of both, by the names of this one's columns. */
  unionByName(other: DataFrame): DataFrame {
    return new DataFrame(this.backend, async () => {
      const columns = await this.schema();
      const ordered = other.select(...columns.map(({ name }) => col(quoteName(name))));
      return this.combine('UNION ALL', ordered).query();
    });
  }
  intersect(other: DataFrame): DataFrame {
    return this.combine('INTERSECT', other);
  }
  except(other: DataFrame): DataFrame {
    return this.combine('EXCEPT', other);
  }

  /** All rows as objects; see the guide for the JavaScript type of each SQL type. Throws RESULT_TOO_LARGE. */
  async collect(): Promise<Row[]> {
    return this.backend.collect(await this.sql());
  }
  async take(rows: number): Promise<Row[]> {
    return this.limit(rows).collect();
  }
  async first(): Promise<Row | null> {
    return (await this.take(1))[0] ?? null;
  }
  async count(): Promise<number> {
    const rows = await this.backend.collect(`SELECT count(*) AS n FROM ${relationOf(await this.query())}`);
    return Number(rows[0]?.n ?? 0);
  }
  async isEmpty(): Promise<boolean> {
    return !(await this.take(1)).length;
  }
  /** An Apache Arrow table. Throws RESULT_TOO_LARGE. */
  async toArrow(): Promise<unknown> {
    return this.backend.toArrow(await this.sql());
  }
  /** Names, Spark types and nullability of the columns. */
  async schema(): Promise<SchemaColumn[]> {
    return this.backend.describe(await this.sql());
  }
  async columns(): Promise<string[]> {
    return (await this.schema()).map((column) => column.name);
  }
  /** Prints the columns. */
  async printSchema(): Promise<void> {
    const lines = (await this.schema()).map(
      ({ name, type, nullable }) => ` |-- ${name}: ${type} (nullable = ${nullable})`,
    );
    this.backend.print(`root\n${lines.join('\n')}\n`);
  }
  /** Prints the first rows as text. `display(df)` shows all of them in a grid. */
  async show(rows = 20): Promise<void> {
    const found = await this.backend.collect(textOf(await this.limit(rows + 1).query()));
    this.backend.print(textGrid(found.slice(0, rows), await this.columns()));
    if (found.length > rows) this.backend.print(`only showing top ${rows} rows\n`);
  }
  /** Shows all rows in a grid below the cell. */
  async display(): Promise<void> {
    await this.backend.show(await this.sql());
  }

  get write(): DataFrameWriter {
    return new DataFrameWriter(this);
  }
  /** A name for this query that SQL cells and later TypeScript cells of this notebook know. */
  async createOrReplaceTempView(name: string): Promise<void> {
    await this.backend.execute(`CREATE OR REPLACE TEMPORARY VIEW ${quoteName(name)} AS ${await this.sql()}`);
  }

  /** A DataFrame that says more of this one's query. */
  protected step(change: (query: Query) => Query | Promise<Query>): DataFrame {
    return new DataFrame(this.backend, async () => change(await this.query()));
  }
  private rebuild(items: (columns: SchemaColumn[]) => string[]): DataFrame {
    return this.step(async (query) => {
      const select = items(await this.schema());
      if (!select.length) throw new SdkError('NO_COLUMNS', 'No column would be left.');
      return { ...ofRelation(relationOf(query)), select };
    });
  }
  private combine(keyword: string, other: DataFrame): DataFrame {
    return this.step(async (query) =>
      ofText(`SELECT * FROM ${relationOf(query)} ${keyword} SELECT * FROM ${relationOf(await other.query())}`),
    );
  }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function count(rows: number, what: string): number {
  if (Number.isSafeInteger(rows) && rows >= 0) return rows;
  throw new SdkError('BAD_VALUE', `${what} takes a whole number of rows from 0.`);
}

/** Rows as Spark's `show` draws them; long values are cut. */
function textGrid(rows: readonly Row[], names: readonly string[]): string {
  const cell = (value: unknown) => {
    const text =
      value === null
        ? 'NULL'
        : value instanceof Date
          ? value.toISOString()
          : typeof value === 'object'
            ? json(value)
            : String(value);
    return text.length > 20 ? `${text.slice(0, 17)}...` : text;
  };
  const cells = rows.map((row) => names.map((name) => cell(row[name])));
  const widths = names.map((name, i) => Math.max(name.length, 3, ...cells.map((row) => row[i]!.length)));
  const rule = `+${widths.map((width) => '-'.repeat(width)).join('+')}+\n`;
  const line = (values: readonly string[]) => `|${values.map((value, i) => value.padStart(widths[i]!)).join('|')}|\n`;
  return `${rule}${line(names)}${rule}${cells.map(line).join('')}${rule}`;
}

const json = (value: unknown): string =>
  JSON.stringify(value instanceof Map ? Object.fromEntries(value) : value, (_, v: unknown) =>
    typeof v === 'bigint' ? String(v) : v,
  );
