import { literal, quoteName, SdkError, type SqlValue } from '../sql/text.ts';
import { Column, type ColumnOrName, named } from './column.ts';
import type { DataFrame } from './dataframe.ts';
import { functions } from './functions.ts';
import { openForSelect, type Query, relationOf } from './query.ts';
import type { Backend } from './types.ts';

/** Columns that a pivot without a list of values may make. */
const MAX_PIVOT_VALUES = 1000;

/** A value of the pivot column: the condition that a row has it, and the name of its columns. */
interface PivotValue {
  condition: string;
  name: string;
}

/** Rows in groups, waiting for what to compute of each group. */
export class GroupedData {
  private readonly step: (change: (query: Query) => Query | Promise<Query>) => DataFrame;
  private readonly backend: Backend;
  private readonly pivotOf: ((query: Query) => Promise<PivotValue[]>) | undefined;
  private readonly keys: readonly Column[];

  /** `step` makes the DataFrame that follows from the one whose rows are grouped. */
  constructor(
    step: (change: (query: Query) => Query | Promise<Query>) => DataFrame,
    keys: readonly Column[],
    backend: Backend,
    pivotOf?: (query: Query) => Promise<PivotValue[]>,
  ) {
    this.step = step;
    this.keys = keys;
    this.backend = backend;
    this.pivotOf = pivotOf;
  }

  /**
   * Makes columns of a column's values: one for each value and aggregate, NULL where a group has no such row. Without `values`
   * they are asked for first, in their order; at most 1,000.
   */
  pivot(column: ColumnOrName, values?: readonly SqlValue[]): GroupedData {
    if (this.pivotOf) throw new SdkError('PIVOTED_TWICE', 'Rows are pivoted by one column.');
    const { operand } = named(column);
    const given = values?.map((value) => ({
      condition: `${operand} <=> ${literal(value)}`,
      name: value === null || value === undefined ? 'null' : String(value),
    }));
    const ask = async (query: Query): Promise<PivotValue[]> => {
      const found = await this.backend.collect(
        `SELECT DISTINCT ${operand} AS value, CAST(${operand} AS STRING) AS text FROM ${relationOf(query)} ORDER BY value LIMIT ${MAX_PIVOT_VALUES + 1}`,
      );
      if (found.length > MAX_PIVOT_VALUES)
        throw new SdkError(
          'TOO_MANY_PIVOT_VALUES',
          `The column has more than ${MAX_PIVOT_VALUES} values. List those to make columns of: pivot(column, values).`,
        );
      return found.map(({ text }) => {
        const value = text === null ? null : String(text);
        return { condition: `CAST(${operand} AS STRING) <=> ${literal(value)}`, name: value ?? 'null' };
      });
    };
    return new GroupedData(this.step, this.keys, this.backend, given ? async () => given : ask);
  }

  /** Columns of aggregates, or `{column: 'sum'}`. The keys come first. */
  agg(...aggregates: readonly (Column | Readonly<Record<string, string>>)[]): DataFrame {
    const list = aggregates.flatMap((aggregate) =>
      aggregate instanceof Column
        ? [aggregate]
        : Object.entries(aggregate).map(([column, name]) => functions.callFunction(name, column)),
    );
    if (!list.length) throw new SdkError('NO_COLUMNS', 'agg needs at least one aggregate.');
    const { keys, pivotOf } = this;
    const grouped = (query: Query, items: readonly string[]): Query => ({
      ...openForSelect(query, false),
      select: [...keys.map((key) => key.item), ...items],
      groupBy: keys.map((key) => key.operand),
    });
    if (!pivotOf)
      return this.step((query) =>
        grouped(
          query,
          list.map((column) => column.item),
        ),
      );
    return this.step(async (query) => {
      const pivoted = await pivotOf(query);
      return grouped(
        query,
        pivoted.flatMap((value) => list.map((column) => pivotItem(value, column, list.length > 1))),
      );
    });
  }
  count(): DataFrame {
    return this.agg(functions.count('*').alias('count'));
  }
  sum(...columns: readonly ColumnOrName[]): DataFrame {
    return this.each('sum', columns);
  }
  avg(...columns: readonly ColumnOrName[]): DataFrame {
    return this.each('avg', columns);
  }
  mean(...columns: readonly ColumnOrName[]): DataFrame {
    return this.each('avg', columns);
  }
  min(...columns: readonly ColumnOrName[]): DataFrame {
    return this.each('min', columns);
  }
  max(...columns: readonly ColumnOrName[]): DataFrame {
    return this.each('max', columns);
  }

  private each(name: string, columns: readonly ColumnOrName[]): DataFrame {
    return this.agg(...columns.map((column) => functions.callFunction(name, named(column))));
  }
}

/** An aggregate over the rows of one value. Several aggregates put their names, or else their text, behind the value's. */
function pivotItem({ condition, name }: PivotValue, column: Column, several: boolean): string {
  const filter = `FILTER (WHERE ${condition})`;
  const own =
    column.item === column.operand ? column.operand : column.item.slice(column.operand.length + ' AS '.length);
  const label = own.startsWith('`') ? own.slice(1, -1).replaceAll('``', '`') : own.replaceAll('`', '');
  return `CASE WHEN count(*) ${filter} > 0 THEN ${column.operand} ${filter} END AS ${quoteName(several ? `${name}_${label}` : name)}`;
}
