import { quoteName, quotePath, SdkError } from '../sql/text.ts';
import type { DataFrame } from './dataframe.ts';

const MODES = ['append', 'overwrite', 'ignore', 'errorifexists', 'error'] as const;
type Mode = (typeof MODES)[number];

/** Writes the rows of a DataFrame into tables. */
export class DataFrameWriter {
  private readonly frame: DataFrame;
  private readonly chosen: Mode;
  private readonly partitions: readonly string[];

  constructor(frame: DataFrame, mode: Mode = 'errorifexists', partitions: readonly string[] = []) {
    this.frame = frame;
    this.chosen = mode;
    this.partitions = partitions;
  }

  /** What to do where the table exists: `append`, `overwrite` (data and columns), `ignore`, or `errorifexists` (the default). */
  mode(mode: Mode): DataFrameWriter {
    if (!MODES.includes(mode))
      throw new SdkError('UNKNOWN_MODE', `There is no mode "${String(mode)}". Use ${MODES.join(', ')}.`);
    return new DataFrameWriter(this.frame, mode, this.partitions);
  }
  partitionBy(...columns: readonly string[]): DataFrameWriter {
    return new DataFrameWriter(this.frame, this.chosen, columns);
  }
  /** Tables are Delta tables. */
  format(name: string): DataFrameWriter {
    if (name.toLowerCase() === 'delta') return this;
    throw new SdkError('UNSUPPORTED_FORMAT', `Tables cannot be written as ${name}: Delta is the one format.`);
  }

  /** Saves the rows as a table. Appended rows are matched by name. */
  async saveAsTable(name: string): Promise<void> {
    const table = quotePath(name);
    const text = await this.frame.sql();
    const { backend } = this.frame;
    const partitioned = this.partitions.length ? ` PARTITIONED BY (${this.partitions.map(quoteName).join(', ')})` : '';
    const create = (verb: string) => backend.execute(`${verb} ${table}${partitioned} AS ${text}`);
    switch (this.chosen) {
      case 'overwrite':
        return create('CREATE OR REPLACE TABLE');
      case 'ignore':
        return create('CREATE TABLE IF NOT EXISTS');
      case 'error':
      case 'errorifexists':
        return create('CREATE TABLE');
      case 'append':
        return (await this.exists(table))
          ? backend.execute(`INSERT INTO ${table} BY NAME ${text}`)
          : create('CREATE TABLE');
    }
  }
  /** Adds the rows by position; `mode("overwrite")` replaces the rows and keeps the columns. */
  async insertInto(name: string): Promise<void> {
    const verb = this.chosen === 'overwrite' ? 'INSERT OVERWRITE' : 'INSERT INTO';
    await this.frame.backend.execute(`${verb} ${quotePath(name)} ${await this.frame.sql()}`);
  }

  private async exists(table: string): Promise<boolean> {
    try {
      await this.frame.backend.describe(`SELECT * FROM ${table}`);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'TABLE_OR_VIEW_NOT_FOUND') return false;
      throw error;
    }
  }
}
