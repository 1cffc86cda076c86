import { type Column, type InferFilesAnswer, type ObjectStore, userError } from '@boathouse/contracts';
import type { Engine } from '../engine.ts';
import { quoteName } from '../engine-duckdb/types.ts';
import { checkNames, csvRecords, detectDialect } from './dialect.ts';
import { checkTextEncoding, type FileHead, textOf } from './head.ts';
import { headerGroups } from './headers.ts';
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
  const text = textOf(head, given.encoding);
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

/** Columns of CSV files by the names in their headers; files without headers must all be like the first. */
export async function inferCsv(
  { engine, store }: { engine: Engine; store: ObjectStore },
  keys: readonly string[],
  head: FileHead,
  name: string,
  options: Record<string, string>,
): Promise<InferFilesAnswer> {
  const shape = csvShape(head, name, options);
  const { resolved } = shape;
  const groups =
    resolved.header && keys.length > 1
      ? await headerGroups(store, keys, resolved)
      : [{ names: shape.names, keys: [keys[0]!] }];
  const columns = new Map<string, Column>();
  for (const group of groups) {
    const key = group.keys[0]!;
    const strings = group.names.map((column): Column => ({ name: column, type: 'string', nullable: true }));
    const gzip = keys.length > 1 ? undefined : head.gzip;
    const reader = csvReader({ uris: [store.engineUri(key)], gzip }, resolved, strings, 'text');
    const types = await sampleTypes(engine, reader, group.names, resolved);
    group.names.forEach((column, i) => {
      const before = columns.get(column.toLowerCase());
      const type = before ? commonType(before.type, types[i]!) : types[i]!;
      columns.set(column.toLowerCase(), { name: before?.name ?? column, type, nullable: true });
    });
  }
  return { format: 'csv', columns: [...columns.values()], options: shape.options };
}

/** A type for values of both: whole numbers are numbers, everything else is text. */
const commonType = (a: string, b: string): string =>
  a === b ? a : [a, b].every((type) => type === 'bigint' || type === 'double') ? 'double' : 'string';

/**
 * Types of text columns by their first rows, narrowest first. Numbers with leading zeros are codes, not numbers; only
 * ISO dates are dates, because 01/02/2024 has two meanings.
 */
async function sampleTypes(
  engine: Engine,
  reader: string,
  names: readonly string[],
  resolved: CsvOptions,
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
    ...(resolved.dateFormat ? [] : ['date']),
    ...(resolved.timestampFormat ? [] : ['timestamp']),
  ];
  return names.map((_, i) => order.find((type) => row![`${type}${i}`] === true) ?? 'string');
}
