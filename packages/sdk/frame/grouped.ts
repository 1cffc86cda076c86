import { SdkError } from '../sql/text.ts';
import { Column, type ColumnOrName, named } from './column.ts';
import type { DataFrame } from './dataframe.ts';
import { functions } from './functions.ts';
import { openForSelect, type Query } from './query.ts';

/** Rows in groups, waiting for what to compute of each group. */
export class GroupedData {
  private readonly step: (change: (query: Query) => Query) => DataFrame;
  private readonly keys: readonly Column[];

  /** `step` makes the DataFrame that follows from the one whose rows are grouped. */
  constructor(step: (change: (query: Query) => Query) => DataFrame, keys: readonly Column[]) {
    this.step = step;
    this.keys = keys;
  }

  /** Columns of aggregates, or `{column: 'sum'}`. The keys come first. */
  agg(...aggregates: readonly (Column | Readonly<Record<string, string>>)[]): DataFrame {
    const list = aggregates.flatMap((aggregate) =>
      aggregate instanceof Column
        ? [aggregate]
        : Object.entries(aggregate).map(([column, name]) => functions.callFunction(name, column)),
    );
    if (!list.length) throw new SdkError('NO_COLUMNS', 'agg needs at least one aggregate.');
    return this.step((query) => ({
      ...openForSelect(query, false),
      select: [...this.keys, ...list].map((column) => column.item),
      groupBy: this.keys.map((key) => key.operand),
    }));
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
