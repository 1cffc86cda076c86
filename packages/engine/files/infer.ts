import {
  BoathouseError,
  type Column,
  type InferFilesAnswer,
  type InferFilesRequest,
  type ObjectStore,
  parseType,
  typeText,
  userError,
} from '@boathouse/contracts';
import { batchRows } from '../arrow/decode.ts';
import type { Engine } from '../engine.ts';
import { quoteName, quoteText } from '../engine-duckdb/types.ts';
import { checkNames, csvRecords, detectDialect } from './dialect.ts';
import { checkTextEncoding, type FileHead, headText, readHead } from './head.ts';
import { listFiles } from './listing.ts';
import { checkOptions, csvOptions, jsonOptions } from './options.ts';
import { csvReader, readerText, selectNeeded } from './relation.ts';

export interface FileDeps {
  engine: Engine;
  store: ObjectStore;
}

/** Rows of the first file by which the types of CSV columns are decided; later rows that differ are errors with their line. */
const SAMPLE_ROWS = 20_480;

const baseName = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/**
 * Format, columns and options of files, told by the first of them. `shown`: the name for error messages. Throws typed
 * errors (FILE_…) that name file, line and column where known.
 */
export async function inferFiles(
  deps: FileDeps,
  request: InferFilesRequest,
  shown?: string,
): Promise<InferFilesAnswer> {
  const files = await listFiles(deps.store, request.location, shown ?? request.location);
  const key = (files.find((file) => file.sizeBytes > 0) ?? files[0]!).key;
  const name = shown ?? baseName(key);
  const head = await readHead(deps.store, key, name);
  const format = request.format ?? formatOf(name, head);
  if (head.gzip && format === 'parquet')
    throw userError(
      'UNSUPPORTED_FILE_FORMAT',
      `The file ${name} is a gzip of Parquet. Unpack it first: Parquet is compressed inside.`,
    );
  const uri = deps.store.engineUri(key);
  try {
    switch (format) {
      case 'csv':
        return await inferCsv(deps, uri, head, name, request.options);
      case 'json':
        return await inferJson(deps, uri, head, name, request.options);
      case 'parquet':
        return await inferParquet(deps, uri, head, name, request.options);
      case 'text':
        checkOptions('text', request.options);
        checkTextEncoding(head, name);
        return { format, columns: [{ name: 'value', type: 'string', nullable: true }], options: request.options };
    }
  } catch (error) {
    throw renameFile(error, baseName(key), name);
  }
}

/** First rows of files as wire values, for a preview. */
export async function previewFiles(
  deps: FileDeps,
  request: InferFilesRequest,
  limit: number,
  shown?: string,
): Promise<InferFilesAnswer & { rows: unknown[][] }> {
  const answer = await inferFiles(deps, request, shown);
  const [first] = await listFiles(deps.store, request.location, shown ?? request.location);
  // Only the beginning is read: there an unsound end does no harm, the import finds it.
  const files = {
    uris: [deps.store.engineUri(first!.key)],
    gzip: (await readHead(deps.store, first!.key, first!.key)).gzip,
  };
  const reader = readerText(files, answer.format, answer.options, answer.columns);
  const relation = selectNeeded(reader, {
    columns: answer.columns,
    needed: answer.columns.map((column) => column.name),
  });
  const rows: unknown[][] = [];
  try {
    await deps.engine.query(`SELECT * FROM ${relation} LIMIT ${Math.floor(limit)}`, answer.columns, {
      onBatch: (batch) => {
        rows.push(...batchRows(batch, answer.columns));
      },
    });
  } catch (error) {
    throw renameFile(error, baseName(first!.key), shown ?? baseName(first!.key));
  }
  return { ...answer, rows };
}

/** Puts the name that the person knows for the name under which a file is stored. */
export function renameFile(error: unknown, stored: string, shown: string): unknown {
  if (!(error instanceof BoathouseError) || stored === shown || !error.message.includes(stored)) return error;
  return BoathouseError.fromInfo({
    ...error.toInfo(),
    message: error.message.replaceAll(stored, shown),
    detail: error.detail?.replaceAll(stored, shown),
  });
}

function formatOf(name: string, head: FileHead): InferFilesAnswer['format'] {
  if (head.parquet) return 'parquet';
  const plain = name.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|psv)$/.test(plain)) return 'csv';
  if (/\.(json|jsonl|ndjson)$/.test(plain)) return 'json';
  if (/\.parquet$/.test(plain)) return 'parquet';
  if (/\.(txt|log|md)$/.test(plain)) return 'text';
  return /^\s*[[{]/.test(headText(head)) ? 'json' : 'csv';
}

async function inferCsv(
  deps: FileDeps,
  uri: string,
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  const given = csvOptions(options);
  if (given.encoding === 'utf-8') checkTextEncoding(head, name);
  const text =
    given.encoding === 'utf-8'
      ? headText(head)
      : new TextDecoder(given.encoding === 'latin-1' ? 'latin1' : 'utf-16le').decode(head.bytes);
  if (!text.trim()) throw userError('FILE_EMPTY', `The file ${name} has no rows: it holds only blanks.`);
  const says = (option: string) => options[option] !== undefined;
  const dialect = detectDialect(
    text,
    {
      quote: given.quote,
      delimiter: says('delimiter') || says('sep') ? given.delimiter : undefined,
      header: says('header') ? given.header : undefined,
    },
    head.whole,
  );
  const first = csvRecords(text, dialect.delimiter, given.quote, 1)[0]!;
  const names = dialect.header ? first : first.map((_, i) => `_c${i}`);
  if (dialect.header) checkNames(names, name);
  const resolved = { ...given, ...dialect };
  const columns: Column[] = names.map((column) => ({ name: column, type: 'string', nullable: true }));
  const reader = csvReader({ uris: [uri], gzip: head.gzip }, resolved, columns, 'VARCHAR');
  const types = await sampleTypes(
    deps.engine,
    reader,
    names,
    resolved.dateFormat !== undefined,
    resolved.timestampFormat !== undefined,
  );
  return {
    format: 'csv',
    columns: columns.map((column, i) => ({ ...column, type: types[i]! })),
    options: { ...options, header: String(dialect.header), delimiter: dialect.delimiter },
  };
}

/**
 * Types of text columns by their first rows, narrowest first. Numbers with leading zeros are codes, not numbers; only
 * ISO dates are dates, because 01/02/2024 has two meanings.
 */
async function sampleTypes(
  engine: Engine,
  reader: string,
  names: readonly string[],
  customDates: boolean,
  customTimestamps: boolean,
): Promise<string[]> {
  const tests = names.flatMap((name, i) => {
    const c = quoteName(name);
    const all = (test: string) => `coalesce(bool_and(${test}), false)`;
    return [
      `${all(`lower(${c}) IN ('true', 'false')`)} AS ${quoteName(`boolean${i}`)}`,
      `${all(`regexp_full_match(${c}, '[+-]?(0|[1-9][0-9]{0,18})') AND TRY_CAST(${c} AS BIGINT) IS NOT NULL`)} AS ${quoteName(`bigint${i}`)}`,
      `${all(`regexp_full_match(${c}, '[+-]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?')`)} AS ${quoteName(`double${i}`)}`,
      `${all(`regexp_full_match(${c}, '\\d{4}-\\d{2}-\\d{2}') AND TRY_CAST(${c} AS DATE) IS NOT NULL`)} AS ${quoteName(`date${i}`)}`,
      `${all(`regexp_full_match(${c}, '\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:?(\\d{2})?)?') AND TRY_CAST(${c} AS TIMESTAMPTZ) IS NOT NULL`)} AS ${quoteName(`timestamp${i}`)}`,
    ];
  });
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM (SELECT * FROM ${reader} LIMIT ${SAMPLE_ROWS})`);
  // With a pattern of its own a column of dates is told by the person, not guessed.
  const order = [
    'boolean',
    'bigint',
    'double',
    ...(customDates ? [] : ['date']),
    ...(customTimestamps ? [] : ['timestamp']),
  ];
  return names.map((_, i) => order.find((type) => row![`${type}${i}`] === true) ?? 'string');
}

async function inferJson(
  deps: FileDeps,
  uri: string,
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  const given = jsonOptions(options);
  checkTextEncoding(head, name);
  const text = headText(head).replace(/^\uFEFF/, '');
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
  const found = await deps.engine.describe(
    `SELECT * FROM read_json([${quoteText(uri)}], compression = '${head.gzip ? 'gzip' : 'uncompressed'}', format = ${quoteText(layout)}, auto_detect = true, sample_size = ${SAMPLE_ROWS}, hive_partitioning = false)`,
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

async function inferParquet(
  deps: FileDeps,
  uri: string,
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  checkOptions('parquet', options);
  if (!head.parquet) throw userError('FILE_MALFORMED_PARQUET', `The file ${name} is not a Parquet file.`);
  const schema = await deps.engine.rows(
    `SELECT name, num_children FROM parquet_schema(${quoteText(uri)}) ORDER BY column_id`,
  );
  checkNames(topLevel(schema), name);
  const columns = await deps.engine.describe(
    `SELECT * FROM read_parquet([${quoteText(uri)}], hive_partitioning = false)`,
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
