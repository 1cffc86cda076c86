import { BoathouseError, systemError, userError } from '@boathouse/contracts';
import { fileError } from './file-errors.ts';
import { quoteFile, quoteText } from './types.ts';

interface Rule {
  pattern: RegExp;
  error(match: RegExpMatchArray, raw: string): BoathouseError;
}

/** Spark's SQLSTATE by the first part of an error class, for errors that planned text raises itself. */
const sqlStates: Record<string, string> = {
  ARITHMETIC_OVERFLOW: '22003',
  CAST_INVALID_INPUT: '22018',
  CAST_OVERFLOW: '22003',
  DIVIDE_BY_ZERO: '22012',
  REMAINDER_BY_ZERO: '22012',
  INVALID_ARRAY_INDEX: '22003',
  INVALID_ARRAY_INDEX_IN_ELEMENT_AT: '22003',
  NUMERIC_VALUE_OUT_OF_RANGE: '22003',
  SCALAR_SUBQUERY_TOO_MANY_ROWS: '21000',
  DELTA_NOT_NULL_CONSTRAINT_VIOLATED: '23502',
  USER_RAISED_EXCEPTION: 'P0001',
};

const sparkName: Record<string, string> = {
  INT8: 'TINYINT',
  INT16: 'SMALLINT',
  INT32: 'INT',
  INT64: 'BIGINT',
  VARCHAR: 'STRING',
  BOOL: 'BOOLEAN',
};
const typeName = (name: string): string => sparkName[name.toUpperCase()] ?? name.toUpperCase();

const outOfRange = (value: string, decimal: string, raw: string): BoathouseError =>
  userError(
    'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION',
    `The value ${value} does not fit ${decimal}. Cast to a decimal with more digits.`,
    { sqlState: '22003', detail: raw },
  );

/**
 * Messages of DuckDB 1.5 whose Spark class is sure, first match wins. A message `[CLASS] text` was raised by planned
 * text (`error('[CLASS] …')`) and keeps its class.
 */
const rules: Rule[] = [
  {
    pattern: /^(?:\w+(?: \w+)* Error: )?\[([A-Z][A-Z0-9_.]*)\] ?([\s\S]*)$/,
    error: (match) =>
      userError(match[1]!, tidy(match[2]!) || match[1]!, { sqlState: sqlStates[match[1]!.split('.')[0]!] }),
  },
  {
    // A rule of a table that a row breaks: the table room knows which, and the row's values in it may hold any text.
    pattern: /^Invalid Input Error: boathouse check \d+:/,
    error: (_, raw) => unknownError(raw),
  },
  {
    // Raised by the text that the table room writes around nested columns.
    pattern: /boathouse not null: ([^\n]*)/,
    error: (match) =>
      userError(
        'DELTA_NOT_NULL_CONSTRAINT_VIOLATED',
        `The column ${match[1]} must not be NULL, and a row has NULL in it. Give every row a value.`,
        { sqlState: '23502' },
      ),
  },
  {
    pattern: /^INTERRUPT Error/i,
    error: () => userError('CANCELLED', 'The statement was cancelled.', { status: 409 }),
  },
  {
    pattern: /^Out of Memory Error/i,
    error: (_match, raw) =>
      userError(
        'OUT_OF_MEMORY',
        'The statement needs more memory than this compute has, also with spilling to disk. Read fewer columns or rows, aggregate earlier, or give compute more memory.',
        { status: 507, sqlState: '53200', detail: raw },
      ),
  },
  {
    pattern: /could not write block|No space left on device|max_temp_directory_size/i,
    error: (_match, raw) =>
      systemError('DISK_FULL', 'The disk of this compute is full. Free some space, then run the statement again.', {
        status: 507,
        detail: raw,
      }),
  },
  {
    pattern: /Overflow in \w+ of INT(?:8|16)\b/,
    error: (_match, raw) =>
      userError(
        'BINARY_ARITHMETIC_OVERFLOW',
        'The result does not fit in its type. Use try_add, try_subtract or try_multiply, or cast to a wider type first.',
        { sqlState: '22003', detail: raw },
      ),
  },
  {
    pattern: /Map keys must be unique/,
    error: (_match, raw) =>
      userError('DUPLICATED_MAP_KEY', 'A map would hold a key twice. Leave one of them out.', {
        sqlState: '23505',
        detail: raw,
      }),
  },
  {
    pattern: /Map keys can not be NULL/i,
    error: (_match, raw) =>
      userError('NULL_MAP_KEY', 'A map cannot have NULL as a key.', { sqlState: '2200E', detail: raw }),
  },
  {
    pattern:
      /Overflow in (?:addition|subtraction|multiplication|negation|division)|Overflow on abs|out of range in SUM|SUM is out of range/i,
    error: (_match, raw) =>
      userError(
        'ARITHMETIC_OVERFLOW',
        'A number became too large for its type. Use try_add, try_subtract or try_multiply, or cast to a wider type first.',
        {
          sqlState: '22003',
          detail: raw,
        },
      ),
  },
  {
    // Text that is no number is found before: what is left has too many digits.
    pattern: /Could not convert string ['"]([-+\d.eE]+)['"] to (DECIMAL\(\d+,\d+\))/,
    error: (match, raw) => outOfRange(match[1]!, match[2]!, raw),
  },
  {
    pattern: /Failed to cast decimal value (\S+) to type (\w+)/,
    error: (match, raw) =>
      userError(
        'CAST_OVERFLOW',
        `The value ${match[1]} cannot be cast to "${typeName(match[2]!)}" due to an overflow. Use try_cast to get NULL instead.`,
        { sqlState: '22003', detail: raw },
      ),
  },
  {
    pattern: /Could not convert string ['"]([\s\S]*?)['"] to ([A-Z0-9_]+(?:\([\d,]+\))?)/,
    error: (match, raw) =>
      userError(
        'CAST_INVALID_INPUT',
        `The value '${match[1]}' of the type "STRING" cannot be cast to "${typeName(match[2]!)}" because it is malformed. Use try_cast to get NULL instead.`,
        { sqlState: '22018', detail: raw },
      ),
  },
  {
    pattern:
      /(?:date|timestamp|time) field value out of range: "([\s\S]*?)"|invalid (date|timestamp|time) field format: "([\s\S]*?)"/i,
    error: (match, raw) =>
      userError(
        'CAST_INVALID_INPUT',
        `The value '${match[1] ?? match[3]}' of the type "STRING" is not a date or time. Use try_cast to get NULL instead.`,
        {
          sqlState: '22018',
          detail: raw,
        },
      ),
  },
  {
    pattern:
      /Type (\w+(?:\([\d,]+\))?) with value ([\s\S]+?) can't be cast because the value is out of range for the destination type (\w+)/,
    error: (match, raw) =>
      userError(
        'CAST_OVERFLOW',
        `The value ${match[2]} of the type "${typeName(match[1]!)}" cannot be cast to "${typeName(match[3]!)}" due to an overflow. Use try_cast to get NULL instead.`,
        { sqlState: '22003', detail: raw },
      ),
  },
  {
    pattern: /(?:Casting value|Could not cast value) "?([\s\S]+?)"? to (?:type )?(DECIMAL\(\d+,\d+\))/i,
    error: (match, raw) => outOfRange(match[1]!, match[2]!, raw),
  },
  {
    pattern: /More than one row returned by a subquery/i,
    error: (_match, raw) =>
      userError(
        'SCALAR_SUBQUERY_TOO_MANY_ROWS',
        'A subquery used as a value returned more than one row. Add LIMIT 1 or an aggregate.',
        { sqlState: '21000', detail: raw },
      ),
  },
  {
    // Raised before any row is read: the engine has no way to run the shape of the query.
    pattern: /^(?:Not implemented|Binder) Error/,
    error: (_match, raw) =>
      userError(
        'UNSUPPORTED_BY_ENGINE',
        'The embedded engine cannot run a query of this shape; its reason is in the details. Write the query another way, for example with a join for a subquery.',
        { sqlState: '0A000', detail: raw },
      ),
  },
];

/** The part of a message before DuckDB's own excerpt of engine text, which the person never wrote. */
const tidy = (message: string): string => message.split(/\n\s*\nLINE \d+:/)[0]!.trim();

/**
 * Takes folders of this machine out of a message, also as they stand in engine text: what lies in them is told by its key.
 * `folders`: absolute, each with the text that stands for it and its slash.
 */
export function folderHider(folders: readonly { folder: string; shown: string }[]): (message: string) => string {
  const forms = folders.flatMap(({ folder, shown }) => {
    const path = folder.endsWith('/') ? folder : `${folder}/`;
    return [quoteFile(path).slice(1, -1), quoteText(path).slice(1, -1), path].map((form) => ({ form, shown }));
  });
  return (message) => forms.reduce((text, { form, shown }) => text.replaceAll(form, shown), message);
}

/**
 * Any error of the engine as a typed one. Unknown messages become ENGINE_ERROR with the raw text as detail. `hide`: see
 * `folderHider`.
 */
export function engineError(thrown: unknown, hide = (message: string) => message): BoathouseError {
  if (thrown instanceof BoathouseError) return thrown;
  const raw = hide(tidy(thrown instanceof Error ? thrown.message : String(thrown)));
  const ofFile = fileError(raw);
  if (ofFile) return ofFile;
  for (const rule of rules) {
    const match = rule.pattern.exec(raw);
    if (match) return rule.error(match, raw);
  }
  return unknownError(raw, thrown);
}

function unknownError(raw: string, cause?: unknown): BoathouseError {
  const message = 'The engine could not run this statement. Its own message is in the details.';
  return new BoathouseError('ENGINE_ERROR', message, 'system', { status: 500, detail: raw, cause });
}
