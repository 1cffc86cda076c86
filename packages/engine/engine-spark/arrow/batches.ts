import type { Column } from '@boathouse/contracts';
import { makeData, RecordBatch, RecordBatchReader, Struct } from 'apache-arrow';
import { arrowSchema } from '../../arrow/schema.ts';
import type { AnswerColumn } from '../proto/data-type.ts';
import { convert } from './convert.ts';

/** Columns of an answer without what only Spark's form of it needs. */
export const plainColumns = (columns: readonly AnswerColumn[]): Column[] => columns.map(({ column }) => column);

/** Batches of one Arrow stream of Spark's in the form of our results; batches without rows are left out. */
export function* readBatches(stream: Uint8Array, columns: readonly AnswerColumn[]): Generator<RecordBatch> {
  const schema = arrowSchema(plainColumns(columns));
  for (const { data } of RecordBatchReader.from(stream)) {
    if (!data.length) continue;
    const children = columns.map(({ type }, i) => convert(data.children[i]!, type));
    yield new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: data.length, nullCount: 0, children }),
    );
  }
}
