/** A row as an object: one property a column. */
export type Row = Record<string, unknown>;

export interface SchemaColumn {
  name: string;
  /** Spark DDL type: `decimal(10,2)`. */
  type: string;
  nullable: boolean;
}

/** What runs SQL text for DataFrames. */
export interface Backend {
  /** Rows of a query. */
  collect(text: string): Promise<Row[]>;
  toArrow(text: string): Promise<unknown>;
  /** Columns of a query; nothing runs. */
  describe(text: string): Promise<SchemaColumn[]>;
  /** Runs a statement for what it does. */
  execute(text: string): Promise<void>;
  /** Shows the rows of a query in a grid. */
  show(text: string): Promise<void>;
  print(text: string): void;
}
