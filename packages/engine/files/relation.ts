import {
  type Column,
  type InferFilesRequest,
  type ObjectStore,
  type PlanTable,
  parseType,
  userError,
} from '@boathouse/contracts';
import { duckType, quoteFile, quoteName, quoteText } from '../engine-duckdb/types.ts';
import { verifyGzip } from './gzip.ts';
import { type HeaderGroup, headerGroups } from './headers.ts';
import { listFiles } from './listing.ts';
import { type CsvOptions, checkOptions, csvOptions, type JsonOptions, jsonOptions } from './options.ts';

type Format = NonNullable<InferFilesRequest['format']>;
type FilesTable = Extract<PlanTable, { source: 'files' }>;

/** Control characters that no text has: the engine has no reader of plain lines, so a line is a CSV record of one field. */
const NO_DELIMITER = '\u001f\u001e';

/** Engine text of a relation over the files of a plan, with exactly its needed columns. */
export async function filesRelation(deps: { store: ObjectStore }, table: FilesTable): Promise<string> {
  if (table.stream)
    throw userError(
      'UNSUPPORTED_STREAMING_QUERY',
      'STREAM read_files runs only inside a pipeline. Leave STREAM out to read the files once.',
    );
  const files = await listFiles(deps.store, table.location, table.path);
  return relationOfFiles(
    deps,
    files.map((file) => file.key),
    table,
  );
}

/** The same over files chosen by the caller (a stream's batch). Throws FILE_TRUNCATED, UNSUPPORTED_FILE_OPTION. */
export async function relationOfFiles(
  deps: { store: ObjectStore },
  keys: readonly string[],
  table: Pick<FilesTable, 'format' | 'options' | 'columns' | 'needed'>,
): Promise<string> {
  for (const key of keys)
    if (key.toLowerCase().endsWith('.gz')) await verifyGzip(deps.store, key, key.slice(key.lastIndexOf('/') + 1));
  if (table.format === 'csv' && table.options.schema === undefined) {
    const options = csvOptions(table.options);
    if (options.header) return unionOf(await headerGroups(deps.store, keys, options), deps.store, options, table);
  }
  const files = { uris: keys.map((key) => deps.store.engineUri(key)) };
  if (keys.length) return selectNeeded(readerText(files, table.format, table.options, table.columns), table);
  return noRows(table);
}

function noRows(table: Chosen): string {
  const nulls = neededColumns(table).map(
    (column) => `CAST(NULL AS ${duckType(parseType(column.type))}) AS ${quoteName(column.name)}`,
  );
  return `(SELECT ${nulls.join(', ') || 'NULL AS none'} WHERE false)`;
}

/** Files by the names in their headers: a column that a file lacks is NULL there. */
function unionOf(groups: readonly HeaderGroup[], store: ObjectStore, options: CsvOptions, table: Chosen): string {
  const selects = groups.map(({ names, keys }) => {
    const planned = names.map((name) => table.columns.find((c) => c.name.toLowerCase() === name.toLowerCase()));
    const columns = names.map((name, i) => ({
      name: planned[i]?.name ?? name,
      type: planned[i]?.type ?? 'string',
      nullable: true,
    }));
    const reader = csvReader({ uris: keys.map((key) => store.engineUri(key)) }, options, columns);
    return selectNeeded(reader, table, new Set(columns.map((column) => column.name)));
  });
  return selects.length ? `(${selects.join(' UNION ALL ')})` : noRows(table);
}

type Chosen = Pick<FilesTable, 'columns' | 'needed'>;

function neededColumns(table: Chosen): Column[] {
  return table.needed.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw userError('UNRESOLVED_COLUMN', `The files have no column "${name}".`);
    return column;
  });
}

/** A parenthesised SELECT of the needed columns of a reader, in their planned types; those it has not are NULL. */
export function selectNeeded(reader: string, table: Chosen, has?: ReadonlySet<string>): string {
  const select = neededColumns(table).map((column) => {
    const name = quoteName(column.name);
    return `CAST(${!has || has.has(column.name) ? name : 'NULL'} AS ${duckType(parseType(column.type))}) AS ${name}`;
  });
  return `(SELECT ${select.join(', ') || 'NULL AS none'} FROM ${reader})`;
}

/** Files of one reader call. `gzip`: known from their first bytes; else their names tell. */
export interface ReaderFiles {
  uris: readonly string[];
  gzip?: boolean;
}

/** `plain`: the word of this reader for a file that is not packed. */
const fileList = ({ uris, gzip }: ReaderFiles, plain: 'none' | 'uncompressed'): string =>
  `[${uris.map(quoteFile).join(', ')}]${gzip === undefined ? '' : `, compression = '${gzip ? 'gzip' : plain}'`}`;

/** The engine's reader function over files, with the columns of the files by name. */
export function readerText(
  files: ReaderFiles,
  format: Format,
  options: Record<string, string>,
  columns: readonly Column[],
): string {
  const list = fileList(files, 'none');
  switch (format) {
    case 'csv':
      return csvReader(files, csvOptions(options, { header: false }), columns);
    case 'json':
      return jsonReader(files, jsonOptions(options), columns);
    case 'parquet':
      checkOptions('parquet', options);
      return `read_parquet([${files.uris.map(quoteFile).join(', ')}], hive_partitioning = false, union_by_name = true)`;
    case 'text':
      checkOptions('text', options);
      return `(SELECT coalesce("value", '') AS "value" FROM read_csv(${list}, auto_detect = false, header = false, delim = ${quoteText(NO_DELIMITER)}, quote = '', escape = '', columns = {'value': 'VARCHAR'}))`;
  }
}

/** `read_csv` with nothing left to guess. */
export function csvReader(
  files: ReaderFiles,
  options: CsvOptions,
  columns: readonly Column[],
  all?: 'VARCHAR',
): string {
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(all ?? csvType(column.type))}`);
  const parts = [
    'auto_detect = false',
    `header = ${options.header}`,
    `delim = ${quoteText(options.delimiter)}`,
    `quote = ${quoteText(options.quote)}`,
    `escape = ${quoteText(options.escape)}`,
    `nullstr = ${quoteText(options.nullValue)}`,
    // A quoted "" is an empty text, not NULL, as in Spark.
    'allow_quoted_nulls = false',
    'hive_partitioning = false',
    `columns = {${types.join(', ')}}`,
  ];
  if (options.comment) parts.push(`comment = ${quoteText(options.comment)}`);
  if (options.dateFormat) parts.push(`dateformat = ${quoteText(options.dateFormat)}`);
  if (options.timestampFormat) parts.push(`timestampformat = ${quoteText(options.timestampFormat)}`);
  if (options.encoding !== 'utf-8') parts.push(`encoding = ${quoteText(options.encoding)}`);
  if (options.dropMalformed) parts.push('ignore_errors = true');
  return `read_csv(${fileList(files, 'none')}, ${parts.join(', ')})`;
}

/** Types that a CSV field may be read as. Throws UNSUPPORTED_FILE_TYPE for nested ones. */
function csvType(type: string): string {
  const parsed = parseType(type);
  if (parsed.kind === 'array' || parsed.kind === 'map' || parsed.kind === 'struct' || parsed.kind === 'variant')
    throw userError('UNSUPPORTED_FILE_TYPE', `A CSV field cannot be read as ${type}. Read it as string.`);
  if (
    parsed.kind === 'interval' ||
    parsed.kind === 'calendar_interval' ||
    parsed.kind === 'void' ||
    parsed.kind === 'binary'
  )
    return 'VARCHAR';
  return duckType(parsed);
}

export function jsonReader(files: ReaderFiles, options: JsonOptions, columns: readonly Column[]): string {
  const parts = [
    `format = ${quoteText(options.layout)}`,
    'hive_partitioning = false',
    `columns = {${columns.map((column) => `${quoteText(column.name)}: ${quoteText(duckType(parseType(column.type)))}`).join(', ')}}`,
  ];
  if (options.dateFormat) parts.push(`dateformat = ${quoteText(options.dateFormat)}`);
  if (options.timestampFormat) parts.push(`timestampformat = ${quoteText(options.timestampFormat)}`);
  if (options.dropMalformed) parts.push('ignore_errors = true');
  return `read_json(${fileList(files, 'uncompressed')}, ${parts.join(', ')})`;
}
