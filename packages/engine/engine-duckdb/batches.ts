import { type Column, parseType } from '@boathouse/contracts';
import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type Field, makeData, RecordBatch, Struct } from 'apache-arrow';
import { arrowSchema } from '../arrow/schema.ts';
import { type Builder, builderFor } from './builders/index.ts';

/** A batch is cut early at this size, so that wide rows neither exhaust memory nor overflow 32-bit offsets. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/** Turns chunks of the engine (2,048 rows) into Arrow record batches. */
export class BatchAssembler {
  private readonly schema;
  private readonly builders: Builder[];
  private readonly rowType: Struct;
  private rows = 0;

  /** `types`: the engine's types of the columns; `sameType` holds for each. */
  constructor(columns: readonly Column[], types: readonly DuckDBType[]) {
    this.schema = arrowSchema(columns);
    this.builders = columns.map((column, i) =>
      builderFor(parseType(column.type), types[i]!, this.schema.fields[i]!.type),
    );
    this.rowType = new Struct(this.schema.fields as Field[]);
  }

  /** Adds the rows of a chunk; gives each batch that became full. The chunk may be dropped afterwards. */
  *add(chunk: DuckDBDataChunk, batchRows: () => number): Generator<RecordBatch> {
    const size = chunk.rowCount;
    for (const [i, builder] of this.builders.entries())
      builder.bind(duckdb.data_chunk_get_vector(chunk.chunk, i), size);
    let from = 0;
    while (from < size) {
      const count = Math.min(size - from, batchRows() - this.rows);
      for (const builder of this.builders) builder.take(from, count);
      from += count;
      this.rows += count;
      if (this.rows >= batchRows() || this.bytes() > MAX_BATCH_BYTES) yield this.cut();
    }
  }

  /** The rows left over, if any. */
  *end(): Generator<RecordBatch> {
    if (this.rows) yield this.cut();
  }

  private bytes(): number {
    return this.builders.reduce((sum, builder) => sum + builder.bytes(), 0);
  }

  private cut(): RecordBatch {
    const children = this.builders.map((builder) => builder.finish());
    const data = makeData({ type: this.rowType, length: this.rows, nullCount: 0, children });
    this.rows = 0;
    return new RecordBatch(this.schema, data);
  }
}
