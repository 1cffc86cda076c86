import { type Column, type ObjectStore, parseType, type ResultManifest, userError } from '@boathouse/contracts';
import { arrowSchema, ResultWriter } from '@boathouse/engine';
import { type DataType, makeData, RecordBatch, Struct, type Vector, vectorFromArray } from 'apache-arrow';
import { z } from 'zod';

const MAX_ROWS = 10_000;
const MAX_COLUMNS = 1000;
const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A table that a cell made of its own objects. It comes from untrusted code. */
export const LocalTable = z.object({
  columns: z
    .array(
      z.object({ name: z.string().max(1000), type: z.enum(['boolean', 'bigint', 'double', 'timestamp', 'string']) }),
    )
    .min(1)
    .max(MAX_COLUMNS),
  rows: z.array(z.array(Value)).max(MAX_ROWS),
});
type LocalTable = z.infer<typeof LocalTable>;
type ColumnType = LocalTable['columns'][number]['type'];

const arrowValue: Record<ColumnType, (value: string | number | boolean) => unknown> = {
  boolean: (value) => value === true,
  bigint: (value) => BigInt(value),
  double: Number,
  // Arrow's builder takes milliseconds and scales them.
  timestamp: (value) => Date.parse(String(value)),
  string: String,
};

/** Stores such a table as a result. Throws BAD_TABLE. */
export async function storeLocalTable(store: ObjectStore, table: LocalTable): Promise<ResultManifest> {
  const columns: Column[] = table.columns.map((column) => ({ ...column, nullable: true }));
  const writer = new ResultWriter({ store, columns });
  if (table.rows.length) await writer.add(batchOf(columns, table));
  return writer.finish();
}

function batchOf(columns: Column[], { columns: types, rows }: LocalTable): RecordBatch {
  const schema = arrowSchema(columns);
  const children = types.map(({ type }, i) => {
    try {
      const values = rows.map((row) => {
        const value = row[i];
        return value === null || value === undefined ? null : arrowValue[type](value);
      });
      const vector = vectorFromArray(values, schema.fields[i]!.type as DataType) as Vector;
      return vector.data[0] ?? makeData({ type: schema.fields[i]!.type, length: 0 });
    } catch (cause) {
      const { kind } = parseType(type);
      throw userError('BAD_TABLE', `A value of the column ${columns[i]!.name} is no ${kind}.`, { cause });
    }
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
  );
}
