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
import { headerGroups } from './headers.ts';
import { instantText, strictInstantText } from './instant.ts';
import { listFiles } from './listing.ts';
import type { Probe } from './locate.ts';
import { type CsvOptions, checkMarks, checkOptions, csvOptions, type JsonOptions, jsonOptions } from './options.ts';

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
  return relationOfFiles(deps, await keysOf(deps.store, table), table);
}

/** The same over files chosen by the caller (a stream's batch). Throws FILE_TRUNCATED, UNSUPPORTED_FILE_OPTION. */
export async function relationOfFiles(
  deps: { store: ObjectStore },
  keys: readonly string[],
  table: Readable,
): Promise<string> {
  for (const key of keys)
    if (key.toLowerCase().endsWith('.gz')) await verifyGzip(deps.store, key, key.slice(key.lastIndexOf('/') + 1));
  if (table.format === 'csv') {
    const options = csvOptions(table.options);
    const selects = (await csvGroups(deps.store, keys, options, table)).map(({ uris, columns }) =>
      selectNeeded(csvReader({ uris }, options, columns), table, new Set(columns.map((column) => column.name))),
    );
    if (!selects.length) return noRows(table);
    return selects.length === 1 ? selects[0]! : `(${selects.join(' UNION ALL ')})`;
  }
  const files = { uris: keys.map((key) => deps.store.engineUri(key)) };
  if (keys.length) return selectNeeded(readerText(files, table.format, table.options, table.columns), table);
  return noRows(table);
}

/** What `withLine` reads once more of the files of a plan. */
export async function filesProbes(deps: { store: ObjectStore }, table: FilesTable): Promise<Probe[]> {
  if (table.format !== 'csv') return [];
  const options = csvOptions(table.options);
  const groups = await csvGroups(deps.store, await keysOf(deps.store, table), options, table);
  return groups.map(({ uris, columns }) => ({
    reader: csvReader({ uris }, options, columns, 'naive'),
    columns: columns.filter((column) => table.needed.includes(column.name)),
    timestampFormat: options.timestampFormat,
  }));
}

type Chosen = Pick<FilesTable, 'columns' | 'needed'>;
type Readable = Chosen & Pick<FilesTable, 'format' | 'options'>;

const keysOf = async (store: ObjectStore, table: FilesTable): Promise<string[]> =>
  (await listFiles(store, table.location, table.path)).map((file) => file.key);

/** CSV files that have the same columns in the same order: by the names in their headers, else all of them. */
async function csvGroups(
  store: ObjectStore,
  keys: readonly string[],
  options: CsvOptions,
  table: Readable,
): Promise<{ uris: string[]; columns: Column[] }[]> {
  const urisOf = (some: readonly string[]) => some.map((key) => store.engineUri(key));
  if (!options.header || table.options.schema !== undefined)
    return keys.length ? [{ uris: urisOf(keys), columns: table.columns }] : [];
  return (await headerGroups(store, keys, options)).map((group) => ({
    uris: urisOf(group.keys),
    columns: group.names.map((name): Column => {
      const planned = table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
      return { name: planned?.name ?? name, type: planned?.type ?? 'string', nullable: true };
    }),
  }));
}

function noRows(table: Chosen): string {
  const nulls = neededColumns(table).map(
    (column) => `CAST(NULL AS ${duckType(parseType(column.type))}) AS ${quoteName(column.name)}`,
  );
  return `(SELECT ${nulls.join(', ') || 'NULL AS none'} WHERE false)`;
}

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

/** The engine's name of the column that says a row's file: none that a file's header could hold. */
const FILE_COLUMN = 'boathouse file\u001f';

/**
 * `read_csv` with nothing left to guess, or a parenthesised SELECT over it. `as`: `typed` (default) ends with FILE_WRONG_TYPE at
 * a value that is not of its column's type; `naive` is typed too, by the reader alone: it overlooks a timestamp's offset,
 * and its error knows the line; `text` leaves every value a text.
 */
export function csvReader(
  files: ReaderFiles,
  options: CsvOptions,
  columns: readonly Column[],
  as: 'typed' | 'naive' | 'text' = 'typed',
): string {
  checkMarks(options);
  const instants = as === 'text' ? [] : columns.filter((column) => parseType(column.type).kind === 'timestamp');
  const typeOf = (column: Column) => {
    if (as === 'text') return 'VARCHAR';
    if (instants.includes(column)) return as === 'naive' ? 'TIMESTAMP' : 'VARCHAR';
    return csvType(column.type);
  };
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(typeOf(column))}`);
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
  if (!instants.length || as === 'naive') return `read_csv(${fileList(files, 'none')}, ${parts.join(', ')})`;
  const reader = `read_csv(${fileList(files, 'none')}, ${parts.join(', ')}, filename = ${quoteText(FILE_COLUMN)})`;
  const converted = (text: (column: string) => string) =>
    instants.map(({ name }) => `${text(name)} AS ${quoteName(name)}`).join(', ');
  const { timestampFormat, dropMalformed } = options;
  if (!dropMalformed)
    return `(SELECT * EXCLUDE (${quoteName(FILE_COLUMN)}) REPLACE (${converted((name) => strictInstantText(name, timestampFormat, FILE_COLUMN))}) FROM ${reader})`;
  const sound = instants.map(
    ({ name }) => `(${quoteName(name)} IS NULL OR ${instantText(name, timestampFormat)} IS NOT NULL)`,
  );
  return `(SELECT * EXCLUDE (${quoteName(FILE_COLUMN)}) REPLACE (${converted((name) => instantText(name, timestampFormat))}) FROM ${reader} WHERE ${sound.join(' AND ')})`;
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
