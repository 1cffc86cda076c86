import { userError } from '@boathouse/contracts';
import type { CsvOptions } from './options.ts';

const candidates = [',', '\t', ';', '|'];
const SAMPLE_RECORDS = 200;

/** Splits text into records of fields by the rules of RFC 4180. The last record may be cut off. */
export function csvRecords(text: string, delimiter: string, quote: string, limit: number): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== quote) field += c;
      else if (text[i + 1] === quote) {
        field += quote;
        i++;
      } else quoted = false;
    } else if (quote && c === quote && field === '') quoted = true;
    else if (text.startsWith(delimiter, i)) {
      record.push(field);
      field = '';
      i += delimiter.length - 1;
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      record.push(field);
      records.push(record);
      if (records.length >= limit) return records;
      record = [];
      field = '';
    } else field += c;
  }
  if (field !== '' || record.length) records.push([...record, field]);
  return records;
}

/**
 * Delimiter and header of a CSV by its first records. The delimiter is the one by which most records have as many fields
 * as the first: a ragged row must not make the file look like one column. A first record without numbers and dates is a
 * header, also when its names are bad, because then the file needs mending rather than a guess.
 */
export function detectDialect(
  text: string,
  given: Partial<CsvOptions>,
  whole: boolean,
): Pick<CsvOptions, 'delimiter' | 'header'> {
  const quote = given.quote ?? '"';
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of given.delimiter === undefined ? candidates : []) {
    let records = csvRecords(text, delimiter, quote, SAMPLE_RECORDS);
    if (!whole && records.length > 1 && records.length < SAMPLE_RECORDS) records = records.slice(0, -1);
    const width = records[0]?.length ?? 0;
    if (width < 2) continue;
    const agreeing = records.filter((record) => record.length === width).length / records.length;
    const score = agreeing + width / 10_000;
    if (score > best.score) best = { delimiter, score };
  }
  const delimiter = given.delimiter ?? best.delimiter;
  const first = csvRecords(text, delimiter, quote, 1)[0] ?? [];
  return { delimiter, header: given.header ?? looksLikeHeader(first) };
}

const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^\d{4}-\d\d-\d\d|^\d{1,2}\/\d{1,2}\/\d{2,4}$|^(true|false)$/i;
const looksLikeHeader = (record: readonly string[]): boolean =>
  record.some((field) => field.trim() !== '') && !record.some((field) => value.test(field.trim()));

/**
 * Checks names of columns as a table will have them. Throws FILE_EMPTY_COLUMN_NAME and FILE_DUPLICATE_COLUMN (without
 * regard to case) naming the file, the line and the column numbers.
 */
export function checkNames(names: readonly string[], shown: string): void {
  const seen = new Map<string, number>();
  names.forEach((name, i) => {
    if (name.trim() === '')
      throw userError(
        'FILE_EMPTY_COLUMN_NAME',
        `Column ${i + 1} of the file ${shown} has no name (line 1). Name it in the file, or read the file without a header.`,
      );
    const before = seen.get(name.toLowerCase());
    if (before !== undefined)
      throw userError(
        'FILE_DUPLICATE_COLUMN',
        `The columns ${before + 1} and ${i + 1} of the file ${shown} have the same name "${name}" (line 1; upper and lower case do not differ). Rename one of them.`,
      );
    seen.set(name.toLowerCase(), i);
  });
}
