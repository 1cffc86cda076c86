import { BoathouseError, type InferFilesAnswer, parseType, typeText, userError } from '@boathouse/contracts';
import type { Engine } from '../engine.ts';
import { quoteFile, quoteText } from '../engine-duckdb/types.ts';
import { checkNames } from './dialect.ts';
import { checkTextEncoding, type FileHead, textOf } from './head.ts';
import { SAMPLE_ROWS } from './infer-csv.ts';
import { jsonOptions } from './options.ts';

export async function inferJson(
  engine: Engine,
  uris: readonly string[],
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  const given = jsonOptions(options);
  checkTextEncoding(head, name);
  const text = textOf(head).replace(/^\uFEFF/, '');
  const start = text.trimStart();
  if (!start) throw userError('FILE_EMPTY', `The file ${name} has no rows: it holds only blanks.`);
  if (start[0] !== '[' && start[0] !== '{') {
    const line = text.slice(0, text.indexOf(start[0]!)).split('\n').length;
    throw userError(
      'FILE_MALFORMED_JSON',
      `The file ${name} is neither a JSON array of objects nor one object a line: line ${line} begins with "${start.slice(0, 20)}".`,
    );
  }
  const layout = given.layout === 'auto' ? jsonLayout(start) : given.layout;
  checkJsonKeys(start, layout, name);
  // One file is told by its first bytes, several by their names.
  const compression = uris.length > 1 ? '' : `, compression = '${head.gzip ? 'gzip' : 'uncompressed'}'`;
  const found = await engine.describe(
    `SELECT * FROM read_json([${uris.map(quoteFile).join(', ')}]${compression}, union_by_name = true, format = ${quoteText(layout)}, auto_detect = true, sample_size = ${SAMPLE_ROWS}, hive_partitioning = false)`,
  );
  if (found.length === 1 && found[0]!.name === 'json' && !/"json"\s*:/.test(start))
    throw userError(
      'FILE_MALFORMED_JSON',
      `The file ${name} holds JSON values that are not objects. Each row must be an object: {"name": value, …}.`,
    );
  const columns = found.map((column) => ({ ...column, type: jsonType(column.type) }));
  checkNames(
    columns.map((column) => column.name),
    name,
  );
  return { format: 'json', columns, options: { ...options, layout } };
}

/** JSON has no time zones: the engine's naive timestamps are instants in UTC. */
const jsonType = (type: string): string => typeText(parseType(type.replaceAll('timestamp_ntz', 'timestamp')));

/** An object that ends on its first line is one of many; one that goes on is the whole file. */
function jsonLayout(start: string): 'array' | 'newline_delimited' | 'unstructured' {
  if (start[0] === '[') return 'array';
  const line = start.slice(0, start.indexOf('\n') < 0 ? undefined : start.indexOf('\n'));
  try {
    JSON.parse(line);
    return 'newline_delimited';
  } catch {
    return line.trimEnd().endsWith('}') && start.includes('\n{') ? 'newline_delimited' : 'unstructured';
  }
}

/** The engine renames a key that differs from another only in case; the first objects are checked before that. */
function checkJsonKeys(start: string, layout: string, name: string): void {
  if (layout !== 'newline_delimited') return;
  for (const line of start.split('\n').slice(0, 100)) {
    try {
      const value: unknown = JSON.parse(line);
      if (value && typeof value === 'object' && !Array.isArray(value)) checkNames(Object.keys(value), name);
    } catch (error) {
      if (error instanceof BoathouseError) throw error;
      return;
    }
  }
}
