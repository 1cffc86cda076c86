import { type BoathouseError, userError } from '@boathouse/contracts';
import { INSTANT_MARK, INSTANT_PART } from '../files/instant.ts';

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const excerpt = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** Engine type names as a person of this product knows them. */
const typeNames: Record<string, string> = {
  BIGINT: 'bigint',
  INTEGER: 'int',
  SMALLINT: 'smallint',
  TINYINT: 'tinyint',
  DOUBLE: 'double',
  FLOAT: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
};

/**
 * An error of the engine's file readers as one that names file, line and column; null where it is not of a file.
 * The file is named by the last part of its path: whoever read it under another name puts that in (`renameFile`).
 */
export function fileError(raw: string): BoathouseError | null {
  return instantError(raw) ?? csvError(raw) ?? jsonError(raw) ?? parquetError(raw);
}

/** Raised by the text that `files/instant.ts` writes; the line is found by `locate`. */
function instantError(raw: string): BoathouseError | null {
  const at = raw.indexOf(INSTANT_MARK);
  if (at < 0) return null;
  const [column, path, ...value] = raw.slice(at + INSTANT_MARK.length).split(INSTANT_PART);
  return wrongType(column!, `in the file ${baseName(path ?? '')}`, value.join(INSTANT_PART), 'timestamp', raw);
}

const wrongType = (column: string, where: string, value: string, type: string, detail: string) =>
  userError(
    'FILE_WRONG_TYPE',
    `Column "${column}" ${where} has the value "${excerpt(value)}", which is not of type ${type}. Choose another type for the column (string takes every value), or mend the file.`,
    { detail },
  );

function csvError(raw: string): BoathouseError | null {
  const path = /^ {2}file = (.*)$/m.exec(raw)?.[1];
  if (!path) return null;
  const line = /CSV Error on Line: (\d+)/.exec(raw)?.[1];
  if (!line)
    return userError(
      'FILE_MALFORMED',
      `The file ${baseName(path)} does not follow the rules of CSV with its delimiter and quotes. Look at its quotes, or say delimiter and quote.`,
      { detail: raw },
    );
  const file = baseName(path);
  const options = { detail: raw };
  const where = `line ${line} of the file ${file}`;
  const converting =
    /Error when converting column "([\s\S]*?)"\. Could not convert string "([\s\S]*?)" to '([^']*)'/.exec(raw);
  if (converting) {
    const type = typeNames[converting[3]!] ?? converting[3]!.toLowerCase();
    return wrongType(converting[1]!, `at ${where}`, converting[2]!, type, raw);
  }
  const found = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(raw);
  if (found)
    return userError(
      'FILE_RAGGED_ROW',
      `The row at ${where} has ${found[2]} fields where ${found[1]} are expected. Mend the row; a field that holds the delimiter must be quoted.`,
      options,
    );
  if (/Invalid unicode|not utf-8 encoded/i.test(raw))
    return userError(
      'FILE_BAD_ENCODING',
      `The text at ${where} is not UTF-8. Save the file as UTF-8, or say encoding => 'ISO-8859-1' in read_files.`,
      options,
    );
  if (/unterminated quote/i.test(raw))
    return userError(
      'FILE_UNTERMINATED_QUOTE',
      `A quoted field that begins at ${where} has no closing quote.`,
      options,
    );
  if (/Maximum line size/i.test(raw))
    return userError(
      'FILE_LINE_TOO_LONG',
      `The text at ${where} is longer than a line may be (2 MB). Is a closing quote missing?`,
      options,
    );
  const why = /^Original Line:[^\n]*\n([\s\S]*?)\n/m.exec(raw)?.[1] ?? 'it does not follow the rules of CSV';
  return userError('FILE_MALFORMED', `The row at ${where} cannot be read: ${excerpt(why)}`, options);
}

/** `in line 2`, `in record/value 2`: the engine counts from 1. */
function jsonPlace(raw: string): string {
  const line = /in line (\d+)/.exec(raw)?.[1];
  if (line) return `line ${line}`;
  const record = /in record\/value (\d+)/.exec(raw)?.[1];
  return record ? `record ${record}` : 'some record';
}

function jsonError(raw: string): BoathouseError | null {
  const path =
    /JSON .*?in file "([^"]*)"/.exec(raw)?.[1] ?? /(?:Malformed JSON|Invalid JSON).*?in file "([^"]*)"/.exec(raw)?.[1];
  if (!path) return null;
  const where = `${jsonPlace(raw)} of the file ${baseName(path)}`;
  const options = { detail: raw };
  if (/maximum_object_size/.test(raw))
    return userError(
      'FILE_OBJECT_TOO_LARGE',
      `The object at ${where} is larger than 16 MB. Write the file as one object a line.`,
      options,
    );
  const cast = /(?:Failed to cast value[^:]*|Could not (?:convert|parse)[^:"']*): ?"?([\s\S]*?)"?\n/.exec(`${raw}\n`);
  if (/JSON transform error/.test(raw))
    return userError(
      'FILE_WRONG_TYPE',
      `A value at ${where}${cast ? ` ("${excerpt(cast[1]!)}")` : ''} is not of the type of its column. Choose another type for the column (string takes every value), or mend the file.`,
      options,
    );
  const byte = /at byte (\d+)/.exec(raw)?.[1];
  if (/unicode|utf-?8/i.test(raw))
    return userError('FILE_BAD_ENCODING', `The text at ${where} is not UTF-8. Save the file as UTF-8.`, options);
  return userError(
    'FILE_MALFORMED_JSON',
    `The JSON at ${where}${byte ? `, byte ${byte},` : ''} is not valid. The file must be an array of objects or one object a line.`,
    options,
  );
}

function parquetError(raw: string): BoathouseError | null {
  const path = /(?:file|File) ['"]([^'"]+)['"]/.exec(raw)?.[1];
  if (!path) return null;
  if (/No magic bytes found|too small to be a Parquet file|Footer length|Invalid Parquet|TProtocolException/i.test(raw))
    return userError(
      'FILE_MALFORMED_PARQUET',
      `The file ${baseName(path)} is not a whole Parquet file: its beginning or its end is missing.`,
      { detail: raw },
    );
  return null;
}
