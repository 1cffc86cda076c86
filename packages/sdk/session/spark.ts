import { DataFrame } from '../frame/dataframe.ts';
import { ofRelation, ofText } from '../frame/query.ts';
import { bindParameters, type Parameters } from '../sql/parameters.ts';
import { isQuery, withoutEnd } from '../sql/scan.ts';
import { literal, quoteName, quotePath, SdkError, type SqlValue } from '../sql/text.ts';
import type { HostBackend } from './backend.ts';
import { CommandResult } from './command.ts';

/** A query given as text: a DataFrame at once, and checked by the server when it is awaited. */
export class SqlQuery extends DataFrame implements PromiseLike<DataFrame> {
  // biome-ignore lint/suspicious/noThenProperty: `await spark.sql(…)` and `spark.sql(…).filter(…)` both belong to the language of notebooks
  then<A = DataFrame, B = never>(
    onDone?: ((frame: DataFrame) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const checked = async () => {
      await this.schema();
      return new DataFrame(this.backend, this.query);
    };
    return checked().then(onDone, onError);
  }
}

export interface Spark {
  /**
   * A query or a command of Databricks SQL. A query is a DataFrame and runs when its rows are asked for; a command runs at
   * once, so await it. Parameters: `{name: value}` for `:name`, `[value]` for `?`.
   */
  sql(text: string, parameters?: Parameters): SqlQuery & Promise<DataFrame & CommandResult>;
  table(name: string): DataFrame;
  /** Numbers from `start` (0) to before `end`, in the column `id`. */
  range(start: number, end?: number, step?: number): DataFrame;
  /** Rows of objects as a DataFrame. Columns: those of the first row, or `columns`. */
  createDataFrame(rows: readonly Readonly<Record<string, SqlValue>>[], columns?: readonly string[]): DataFrame;
}

/** Rows that a statement may carry in its text. */
const MAX_LITERAL_ROWS = 10_000;

export function createSpark(backend: HostBackend): Spark {
  const ofQuery = (text: string) => new DataFrame(backend, async () => ofText(text));
  return {
    sql(text, parameters) {
      if (typeof text !== 'string') throw new SdkError('BAD_VALUE', 'spark.sql takes the text of a statement.');
      const bound = withoutEnd(parameters === undefined ? text : bindParameters(text, parameters));
      const result: unknown = isQuery(bound)
        ? new SqlQuery(backend, async () => ofText(bound))
        : backend.run(bound).then((executed) => new CommandResult(backend, executed));
      // What it is depends on the text, which the type checker does not read.
      return result as SqlQuery & Promise<DataFrame & CommandResult>;
    },
    table: (name) => new DataFrame(backend, async () => ofRelation(quotePath(name))),
    range(start, end, step = 1) {
      const [from, to] = end === undefined ? [0, start] : [start, end];
      for (const value of [from, to, step])
        if (!Number.isSafeInteger(value)) throw new SdkError('BAD_VALUE', 'spark.range takes whole numbers.');
      return new DataFrame(backend, async () => ofRelation(`range(${from}, ${to}, ${step})`));
    },
    createDataFrame(rows, columns = Object.keys(rows[0] ?? {})) {
      if (!rows.length || !columns.length)
        throw new SdkError('NO_COLUMNS', 'createDataFrame needs at least one row with one column.');
      if (rows.length > MAX_LITERAL_ROWS)
        throw new SdkError(
          'TOO_MANY_ROWS',
          `createDataFrame takes ${MAX_LITERAL_ROWS} rows at most. Upload larger data as a file and read it with read_files.`,
        );
      const lines = rows.map((row) => `(${columns.map((name) => literal(row[name])).join(', ')})`);
      return ofQuery(`SELECT * FROM VALUES ${lines.join(', ')} AS rows(${columns.map(quoteName).join(', ')})`);
    },
  };
}
