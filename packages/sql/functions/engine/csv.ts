import { Buffer } from 'node:buffer';
import { type DataType, userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { isTrue, optionsOf, type TextOptions } from './json-options.ts';
import { corruptName, decimalJson, isTemporal, recordJson, temporalJson, Unfit, wholeText } from './record.ts';
import { typed } from './typed-json.ts';
import { typeOfText } from './variant-cast.ts';

interface Token {
  text: string;
  /** Nothing stood between two quotes. */
  empty: boolean;
}

const separator = (options: TextOptions): string => options.sep ?? options.delimiter ?? ',';

/** The fields of one record. A quote that does not close its field makes the field plain text up to the separator. */
export function splitCsv(text: string, options: TextOptions): Token[] {
  const by = separator(options);
  const quote = options.quote ?? '"';
  const mark = options.escape ?? '\\';
  if (by === '' || quote.length > 1 || mark.length > 1)
    throw userError('UNSUPPORTED_FUNCTION', 'CSV functions: this separator, quote or escape is not supported.');
  const [before, after] = [isTrue(options, 'ignoreLeadingWhiteSpace'), isTrue(options, 'ignoreTrailingWhiteSpace')];
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    if (before) while (text[at] === ' ' || text[at] === '\t') at++;
    const quoted = quote !== '' && text[at] === quote ? readQuoted(text, at, by, quote, mark) : undefined;
    if (quoted) {
      tokens.push({ text: quoted.text, empty: quoted.text === '' });
      at = quoted.end;
    } else {
      const next = text.indexOf(by, at);
      const plain = text.slice(at, next < 0 ? undefined : next);
      tokens.push({ text: after ? plain.trimEnd() : plain, empty: false });
      at = next < 0 ? text.length : next;
    }
    if (at >= text.length) return tokens;
    at += by.length;
  }
}

function readQuoted(text: string, from: number, by: string, quote: string, mark: string) {
  let out = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === mark && text[at + 1] === quote) {
      out += quote;
      at++;
    } else if (char === quote) {
      const end = at + 1;
      if (end === text.length || text.startsWith(by, end)) return { text: out, end };
      return undefined;
    } else out += char;
  }
  return { text: out, end: text.length };
}

const booleans: Record<string, string> = { true: 'true', false: 'false' };

function floating(text: string, options: TextOptions): string {
  if (text === (options.nanvalue ?? 'NaN')) return typed.double(Number.NaN);
  if (text === (options.positiveinf ?? 'Inf')) return typed.double(Number.POSITIVE_INFINITY);
  if (text === (options.negativeinf ?? '-Inf')) return typed.double(Number.NEGATIVE_INFINITY);
  const trimmed = text.trim();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/.test(trimmed))
    return typed.double(Number(trimmed.replace(/[dDfF]$/, '')));
  if (/^[+-]?(?:NaN|Infinity)$/.test(trimmed)) return typed.double(Number(trimmed.replace(/^[+-](?=NaN)/, '')));
  throw new Unfit();
}

function fit(text: string, type: DataType, options: TextOptions, zone: string): string {
  switch (type.kind) {
    case 'string':
      return typed.string(text);
    case 'binary':
      return typed.binary(Buffer.from(text, 'utf8'));
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      if (!/^[+-]?[0-9]+$/.test(text)) throw new Unfit();
      return wholeText(text.replace('+', ''), type.kind);
    case 'float':
    case 'double':
      return floating(text, options);
    case 'boolean': {
      const word = booleans[text.toLowerCase()];
      if (word === undefined) throw new Unfit();
      return word;
    }
    case 'decimal':
      return decimalJson(text, type.precision, type.scale);
    default:
      if (!isTemporal(type))
        throw userError('UNSUPPORTED_FUNCTION', `from_csv: the type ${type.kind} is not supported.`);
      return temporalJson(text, type, options, zone);
  }
}

function fromCsv(text: string, ddl: string, zone: string, options: TextOptions): string {
  const type = typeOfText(ddl);
  if (type.kind !== 'struct') throw new Error('a CSV schema is a struct');
  const skipped = options.comment !== undefined && options.comment !== '' && text.startsWith(options.comment);
  const tokens = skipped || text === '' ? [] : splitCsv(text, options);
  const empty = options.emptyvalue ?? '';
  const missing = options.nullvalue ?? '';
  const corrupt = corruptName(options);
  const data = type.fields.filter((field) => field.name !== corrupt);
  let bad = tokens.length !== data.length;
  let at = 0;
  const fields = type.fields.map(({ name, type: of }): [string, string] => {
    if (name === corrupt) return [name, 'null'];
    const token = tokens[at++];
    const value = token?.empty ? empty : token?.text;
    if (value === undefined || value === missing || value === '') return [name, 'null'];
    try {
      return [name, fit(value, of, options, zone)];
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      bad = true;
      return [name, 'null'];
    }
  });
  return `{"v":${recordJson(text, { fields, bad }, options)}}`;
}

/** One record of values as text. `empty` marks values that are NULL. */
function toCsv(values: (string | null)[], options: TextOptions): string {
  const by = separator(options);
  const quote = options.quote ?? '"';
  const mark = options.escape ?? '\\';
  const all = isTrue(options, 'quoteAll');
  return values
    .map((value) => {
      if (value === null) return options.nullvalue ?? '';
      const special = new RegExp(`^#|[\\n\\r]|${[by, quote].filter(Boolean).map(literally).join('|')}`);
      const quoted = all || special.test(value);
      const started = isTrue(options, 'ignoreLeadingWhiteSpace', true) ? value.replace(/^[\0- ]+/, '') : value;
      const trimmed = isTrue(options, 'ignoreTrailingWhiteSpace', true) ? started.replace(/[\0- ]+$/, '') : started;
      if (trimmed === '') return options.emptyvalue ?? '""';
      if (!quoted) return trimmed;
      return quote + trimmed.replaceAll(mark, mark + mark).replaceAll(quote, mark + quote) + quote;
    })
    .join(by);
}
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export const csvFunctions: EngineFunction[] = [
  engineFunction(
    'spark_from_csv',
    ['VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR'],
    'VARCHAR',
    ([text, ddl, zone, options]) =>
      fromCsv(text as string, ddl as string, zone as string, optionsOf(options as string)),
  ),
  engineFunction('spark_to_csv', ['VARCHAR[]', 'VARCHAR'], 'VARCHAR', ([values, options]) =>
    toCsv(values as (string | null)[], optionsOf(options as string)),
  ),
];
