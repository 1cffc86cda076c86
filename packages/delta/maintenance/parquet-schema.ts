import { type Column, type TableEngine, typeText } from '@boathouse/contracts';
import { z } from 'zod';
import { escapeGlob, literal } from '../schema/engine.ts';
import { typeOfEngine } from './engine-type.ts';
import { maintenanceErrors } from './errors.ts';

/** Footers that are looked into in one statement. */
const FOOTERS_AT_ONCE = 500;

const Footer = z.object({ file_name: z.string(), shape: z.string(), has_int96: z.boolean() });

/**
 * Columns of Parquet files taken together, in the order in which they are first seen. Columns may be missing in some files, but
 * one name has one type. Throws DELTA_CONVERSION_MERGE_SCHEMA_FAILED naming the file.
 */
export async function columnsOfParquet(engine: TableEngine, uris: readonly string[]): Promise<Column[]> {
  const columns = new Map<string, Column>();
  for (const { file_name, has_int96 } of await examples(engine, uris)) {
    const path = literal(escapeGlob(file_name));
    const rows = await engine.rows(
      `DESCRIBE SELECT * FROM read_parquet(${path}, hive_partitioning = false, filename = false)`,
    );
    for (const row of rows) {
      const name = String(row.column_name);
      const type = typeText(typeOfEngine(String(row.column_type), has_int96));
      const known = columns.get(name.toLowerCase());
      if (!known) columns.set(name.toLowerCase(), { name, type, nullable: true });
      else if (known.type !== type)
        throw maintenanceErrors.convertSchema(
          file_name,
          `column "${name}" is ${type} here and ${known.type} elsewhere`,
        );
    }
  }
  return [...columns.values()];
}

/** One file of each different schema: a thousand files of one writer are looked into once. */
async function examples(engine: TableEngine, uris: readonly string[]): Promise<z.infer<typeof Footer>[]> {
  const found = new Map<string, z.infer<typeof Footer>>();
  for (let start = 0; start < uris.length; start += FOOTERS_AT_ONCE) {
    const list = uris
      .slice(start, start + FOOTERS_AT_ONCE)
      .map((uri) => literal(escapeGlob(uri)))
      .join(', ');
    const part = (name: string) => `coalesce(CAST(${name} AS VARCHAR), '')`;
    const text = `concat_ws(' ', name, ${['type', 'converted_type', 'logical_type', 'num_children', 'precision', 'scale'].map(part).join(', ')})`;
    const rows = await engine.rows(`
      SELECT min(file_name) AS file_name, shape, bool_or(has_int96) AS has_int96 FROM (
        SELECT file_name, md5(string_agg(${text}, chr(10) ORDER BY column_id)) AS shape, bool_or(type = 'INT96') IS TRUE AS has_int96
        FROM parquet_schema([${list}]) GROUP BY file_name
      ) GROUP BY shape ORDER BY file_name`);
    for (const row of z.array(Footer).parse(rows)) if (!found.has(row.shape)) found.set(row.shape, row);
  }
  return [...found.values()];
}
