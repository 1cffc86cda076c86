import { type Column, type InferFilesAnswer, userError } from '@boathouse/contracts';
import type { Engine } from '../engine.ts';
import { quoteName } from '../engine-duckdb/types.ts';
import { checkNames, csvRecords, detectDialect } from './dialect.ts';
import { checkTextEncoding, type FileHead, headText } from './head.ts';
import { type CsvOptions, csvOptions } from './options.ts';
import { csvReader } from './relation.ts';

/** Rows of a file by which the types of its columns are decided; later rows that differ are errors with their line. */
export const SAMPLE_ROWS = 20_480;

export interface CsvShape {
  names: string[];
  resolved: CsvOptions;
  /** The request's options with what was detected. */
  options: Record<string, string>;
}

/** Names of columns and dialect of a CSV by its first bytes. `name`: the file as the person knows it. Throws FILE_…. */
export function csvShape(head: FileHead, name: string, options: Record<string, string>): CsvShape {
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
  if (dialect.header) checkNames(first, name);
  return {
    names: dialect.header ? first : first.map((_, i) => `_c${i}`),
    resolved: { ...given, ...dialect },
    options: { ...options, header: String(dialect.header), delimiter: dialect.delimiter },
  };
}

export async function inferCsv(
  engine: Engine,
  uri: string,
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  const shape = csvShape(head, name, options);
  const columns: Column[] = shape.names.map((column) => ({ name: column, type: 'string', nullable: true }));
  const reader = csvReader({ uris: [uri], gzip: head.gzip }, shape.resolved, columns, 'VARCHAR');
  const types = await sampleTypes(engine, reader, shape);
  return {
    format: 'csv',
    columns: columns.map((column, i) => ({ ...column, type: types[i]! })),
    options: shape.options,
  };
}

/**
 * Types of text columns by their first rows, narrowest first. Numbers with leading zeros are codes, not numbers; only
 * ISO dates are dates, because 01/02/2024 has two meanings.
 */
async function sampleTypes(engine: Engine, reader: string, { names, resolved }: CsvShape): Promise<string[]> {
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
    ...(resolved.dateFormat ? [] : ['date']),
    ...(resolved.timestampFormat ? [] : ['timestamp']),
  ];
  return names.map((_, i) => order.find((type) => row![`${type}${i}`] === true) ?? 'string');
}
