import { type Column, type ObjectStore, type ResultManifest, systemError } from '@boathouse/contracts';
import { arrowSchema, ResultWriter } from '@boathouse/engine/results';
import { type DataType, makeData, RecordBatch, Struct, type Vector, vectorFromArray } from 'apache-arrow';

/** Types of which the server itself makes answers (SHOW, DESCRIBE …): the Arrow value of a wire value. */
const values: Record<string, (value: unknown) => unknown> = {
  string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  boolean: (value) => value === true || value === 'true',
  tinyint: Number,
  smallint: Number,
  int: Number,
  bigint: (value) => BigInt(String(value)),
  double: Number,
  float: Number,
  // Arrow's builder takes milliseconds and scales them to the unit of the type.
  timestamp: (value) => (typeof value === 'number' ? value : Date.parse(String(value))),
};

/** An answer that the server has by itself, as the one record batch of a result. Throws UNSUPPORTED_LOCAL_TYPE. */
export function localBatch(columns: Column[], rows: unknown[][]): RecordBatch {
  const schema = arrowSchema(columns);
  const children = columns.map((column, index) => {
    const convert = values[column.type];
    if (!convert)
      throw systemError('UNSUPPORTED_LOCAL_TYPE', `The server cannot answer with a column of type ${column.type}.`);
    const cells = rows.map((row) => (row[index] === null || row[index] === undefined ? null : convert(row[index])));
    return (
      (vectorFromArray(cells, schema.fields[index]!.type as DataType) as Vector).data[0] ??
      makeData({ type: schema.fields[index]!.type, length: 0 })
    );
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
  );
}

/** Stores such an answer. `page` is called before it is durable. */
export async function storeLocal(
  store: ObjectStore,
  columns: Column[],
  rows: unknown[][],
  page: (bytes: Uint8Array) => void,
): Promise<ResultManifest> {
  const writer = new ResultWriter({ store, columns });
  if (rows.length === 0) page(writer.emptyPage());
  else page((await writer.add(localBatch(columns, rows))).page());
  return writer.finish();
}
