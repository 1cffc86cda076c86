import { type InferFilesRequest, userError } from '@boathouse/contracts';

type Format = NonNullable<InferFilesRequest['format']>;

export interface CsvOptions {
  delimiter: string;
  quote: string;
  escape: string;
  header: boolean;
  nullValue: string;
  comment?: string;
  dateFormat?: string;
  timestampFormat?: string;
  encoding: 'utf-8' | 'utf-16' | 'latin-1';
  /** mode => 'DROPMALFORMED'. */
  dropMalformed: boolean;
}

export interface JsonOptions {
  /** `auto`: told by the first bytes of each file. */
  layout: 'auto' | 'newline_delimited' | 'array' | 'unstructured';
  dateFormat?: string;
  timestampFormat?: string;
  dropMalformed: boolean;
}

/** Options of `read_files` by format (lower case), with how each value is checked. A row says what an option may be. */
type Check = (name: string, value: string) => void;
const any: Check = () => {};
const flag: Check = (name, value) => {
  boolean(name, value);
};
const oneOf =
  (...allowed: string[]): Check =>
  (name, value) => {
    if (!allowed.includes(value.toLowerCase()))
      throw userError(
        'UNSUPPORTED_FILE_OPTION',
        `The option ${name} => '${value}' is not supported. Use ${allowed.map((item) => `'${item}'`).join(' or ')}.`,
      );
  };
const invalid = (name: string, value: string, takes: string) =>
  userError('INVALID_FILE_OPTION', `The option ${name} takes ${takes}, not '${value.replaceAll('\0', '\\0')}'.`);

/** Bytes that end a line or a text: no option may hold them. */
const lineEnds = /[\0\r\n]/;
/** What the engine's reader compares bytes with. */
const oneCharacter: Check = (name, value) => {
  if (Buffer.byteLength(value) > 1 || lineEnds.test(value)) throw invalid(name, value, 'one ASCII character');
};
const MAX_DELIMITER_BYTES = 4;
const delimiter: Check = (name, value) => {
  const bytes = Buffer.byteLength(escapes[value] ?? value);
  if (bytes < 1 || bytes > MAX_DELIMITER_BYTES || lineEnds.test(escapes[value] ?? value))
    throw invalid(name, value, "one to four characters on one line, for example ',' or '\\t'");
};
const oneLine: Check = (name, value) => {
  if (lineEnds.test(value)) throw invalid(name, value, 'a text on one line');
};
const pattern: Check = (name, value) => {
  if (!value || lineEnds.test(value)) throw invalid(name, value, "a datetime pattern, for example 'yyyy-MM-dd'");
};

const common: Record<string, Check> = {
  // Taken by the planner; harmless here.
  format: any,
  schema: any,
  schemahints: any,
  inferschema: flag,
  infercolumntypes: flag,
  recursivefilelookup: oneOf('true'),
};

const checks: Record<Format, Record<string, Check>> = {
  csv: {
    ...common,
    header: flag,
    delimiter,
    sep: delimiter,
    quote: oneCharacter,
    escape: oneCharacter,
    nullvalue: oneLine,
    comment: oneCharacter,
    multiline: flag,
    dateformat: pattern,
    timestampformat: pattern,
    encoding: oneOf('utf-8', 'utf8', 'utf-16', 'iso-8859-1', 'latin-1', 'latin1'),
    charset: oneOf('utf-8', 'utf8', 'utf-16', 'iso-8859-1', 'latin-1', 'latin1'),
    mode: oneOf('failfast', 'dropmalformed'),
    ignoreleadingwhitespace: oneOf('false'),
    ignoretrailingwhitespace: oneOf('false'),
  },
  json: {
    ...common,
    multiline: flag,
    layout: oneOf('auto', 'newline_delimited', 'array', 'unstructured'),
    dateformat: pattern,
    timestampformat: pattern,
    encoding: oneOf('utf-8', 'utf8'),
    charset: oneOf('utf-8', 'utf8'),
    mode: oneOf('failfast', 'dropmalformed'),
  },
  parquet: { ...common, mergeschema: flag },
  text: { ...common, wholetext: oneOf('false'), encoding: oneOf('utf-8', 'utf8') },
};

/** Throws UNSUPPORTED_FILE_OPTION naming the first option that would not be honoured. */
export function checkOptions(format: Format, options: Record<string, string>): void {
  for (const [name, value] of Object.entries(options)) {
    const check = checks[format][name.toLowerCase()];
    if (!check)
      throw userError(
        'UNSUPPORTED_FILE_OPTION',
        `The option "${name}" is not supported for ${format} files. Supported are ${Object.keys(checks[format]).join(', ')}.`,
      );
    check(name, value);
  }
}

function boolean(name: string, value: string): boolean {
  const lower = value.toLowerCase();
  if (lower === 'true') return true;
  if (lower === 'false') return false;
  throw userError('INVALID_FILE_OPTION', `The option ${name} is true or false, not '${value}'.`);
}

const escapes: Record<string, string> = { '\\t': '\t', '\\n': '\n', '\\0': '\0', '\\\\': '\\' };

/** Options of a CSV file; what is not said has Spark's default, but for a header where `detected` knows of one. */
export function csvOptions(options: Record<string, string>, detected: Partial<CsvOptions> = {}): CsvOptions {
  checkOptions('csv', options);
  const given = options.delimiter ?? options.sep;
  const quote = options.quote ?? detected.quote ?? '"';
  return {
    delimiter: given === undefined ? (detected.delimiter ?? ',') : (escapes[given] ?? given),
    quote,
    // Doubled quotes are read whatever the escape is: files of both kinds are about, and only one of them parses.
    escape: options.escape ?? detected.escape ?? quote,
    header: options.header === undefined ? (detected.header ?? false) : boolean('header', options.header),
    nullValue: options.nullvalue ?? '',
    comment: options.comment || undefined,
    dateFormat: options.dateformat && strptimeFormat(options.dateformat),
    timestampFormat: options.timestampformat && strptimeFormat(options.timestampformat),
    encoding: encodings[(options.encoding ?? options.charset ?? 'utf-8').toLowerCase()] ?? 'utf-8',
    dropMalformed: options.mode?.toLowerCase() === 'dropmalformed',
  };
}

/**
 * Throws INVALID_FILE_OPTION where two marks of a CSV would mean the same bytes. Looked at when all are known: a delimiter may be detected.
 */
export function checkMarks(marks: CsvOptions): void {
  const { delimiter, quote, comment, nullValue } = marks;
  const pairs: [string, string, string, string | undefined][] = [
    ['delimiter', delimiter, 'quote', quote],
    ['delimiter', delimiter, 'escape', marks.escape],
    ['delimiter', delimiter, 'comment', comment],
    ['quote', quote, 'comment', comment],
    ['nullvalue', nullValue, 'delimiter', delimiter],
    ['nullvalue', nullValue, 'quote', quote],
    ['nullvalue', nullValue, 'escape', marks.escape],
  ];
  for (const [name, value, otherName, other] of pairs)
    if (other && value.includes(other))
      throw userError(
        'INVALID_FILE_OPTION',
        `The options ${name} => '${value}' and ${otherName} => '${other}' must not share a character.`,
      );
}

const encodings: Record<string, CsvOptions['encoding']> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'utf-16': 'utf-16',
  'iso-8859-1': 'latin-1',
  'latin-1': 'latin-1',
  latin1: 'latin-1',
};

export function jsonOptions(options: Record<string, string>): JsonOptions {
  checkOptions('json', options);
  return {
    layout: (options.layout?.toLowerCase() as JsonOptions['layout'] | undefined) ?? 'auto',
    dateFormat: options.dateformat && strptimeFormat(options.dateformat),
    timestampFormat: options.timestampformat && strptimeFormat(options.timestampformat),
    dropMalformed: options.mode?.toLowerCase() === 'dropmalformed',
  };
}

/** Letters of Spark's datetime patterns whose meaning in the engine's strptime is the same. */
const letters: Record<string, string> = {
  yyyy: '%Y',
  yy: '%y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  ss: '%S',
  SSS: '%g',
  SSSSSS: '%f',
  a: '%p',
  EEE: '%a',
  EEEE: '%A',
  XXX: '%z',
};

/** A Spark datetime pattern as strptime's. Throws UNSUPPORTED_DATETIME_PATTERN naming the letters without a counterpart. */
export function strptimeFormat(pattern: string): string {
  return pattern.replace(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|%/g,
    (part, quoted: string | undefined, letter: string | undefined) => {
      if (part === '%') return '%%';
      if (letter === undefined) return (quoted || "'").replaceAll("''", "'").replaceAll('%', '%%');
      const mapped = letters[part];
      if (!mapped)
        throw userError(
          'UNSUPPORTED_DATETIME_PATTERN',
          `The part "${part}" of the datetime pattern "${pattern}" is not supported for reading files.`,
        );
      return mapped;
    },
  );
}
