import { type InferFilesAnswer, userError } from '@boathouse/contracts';
import type { Engine } from '../engine.ts';
import { quoteFile } from '../engine-duckdb/types.ts';
import { checkNames } from './dialect.ts';
import type { FileHead } from './head.ts';
import { checkOptions } from './options.ts';

export async function inferParquet(
  engine: Engine,
  uris: readonly string[],
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  checkOptions('parquet', options);
  if (!head.parquet) throw userError('FILE_MALFORMED_PARQUET', `The file ${name} is not a Parquet file.`);
  const schema = await engine.rows(
    `SELECT name, num_children FROM parquet_schema(${quoteFile(uris[0]!)}) ORDER BY column_id`,
  );
  checkNames(topLevel(schema), name);
  const columns = await engine.describe(
    `SELECT * FROM read_parquet([${uris.map(quoteFile).join(', ')}], hive_partitioning = false, union_by_name = true)`,
  );
  return { format: 'parquet', columns, options };
}

/** Names of the root's own children in a Parquet schema, which lists the tree depth first. */
function topLevel(schema: readonly Record<string, unknown>[]): string[] {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let left = Number(schema[at]!.num_children ?? 0); left > 0; left--) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) names.push(String(schema[at]!.name));
  return names;
}
