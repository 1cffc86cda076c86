import { BoathouseError, type DataType, userError } from '@boathouse/contracts';
import { splitMicros } from './calendar.ts';
import type { TextOptions } from './json-options.ts';
import { roundText } from './math.ts';
import { parseDecimal } from './number-text.ts';
import { parseInstant, parseWall } from './pattern-parse.ts';
import { parseDate, parseTimestamp, parseTimestampNtz } from './time-text.ts';
import { typed } from './typed-json.ts';

/** Thrown where a value does not fit its type: the field, or what holds it, is NULL then. */
export class Unfit extends Error {}

/** What readers say of text that they do not take; anything else, such as a wrong pattern, is an error. */
const wrongText = ['CANNOT_PARSE_TIMESTAMP', 'CAST_INVALID_INPUT', 'CAST_OVERFLOW'];

/** Runs a reader of text; what it refuses does not fit. */
export function fitting<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BoathouseError && wrongText.includes(error.code)) throw new Unfit();
    throw error;
  }
}

const bits: Record<string, bigint> = { tinyint: 7n, smallint: 15n, int: 31n, bigint: 63n };

export function wholeText(text: string, kind: string): string {
  const value = BigInt(text);
  const limit = 1n << bits[kind]!;
  if (value >= limit || value < -limit) throw new Unfit();
  return String(value);
}

/** A decimal's text rounded to its scale; commas between digits are skipped. */
export function decimalJson(text: string, precision: number, scale: number): string {
  const rounded = roundText(
    fitting(() => parseDecimal(text.replaceAll(',', ''))),
    scale,
    'half_up',
  );
  if (rounded.replace(/[-.]/g, '').replace(/^0+/, '').length > precision) throw new Unfit();
  return `"${rounded}"`;
}

/** A date, timestamp or timestamp_ntz of text: by the option's pattern, or as a cast reads it. */
export function temporalJson(text: string, type: DataType, options: TextOptions, sessionZone: string): string {
  const zone = options.timezone ?? sessionZone;
  switch (type.kind) {
    case 'date': {
      const pattern = options.dateformat;
      if (pattern === undefined) return typed.date(fitting(() => parseDate(text)));
      return typed.date(splitMicros(fitting(() => parseWall(text, pattern))).days);
    }
    case 'timestamp': {
      const pattern = options.timestampformat;
      return typed.timestamp(fitting(() => (pattern ? parseInstant(text, pattern, zone) : parseTimestamp(text, zone))));
    }
    default: {
      const pattern = options.timestampntzformat;
      if (pattern !== undefined) return typed.ntz(fitting(() => parseWall(text, pattern)));
      // A zone is refused here, unlike in a cast.
      if (!/^[^T ]*(?:[T ]\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?)?$/.test(text.trim())) throw new Unfit();
      return typed.ntz(fitting(() => parseTimestampNtz(text)));
    }
  }
}

export const isTemporal = (type: DataType): boolean => ['date', 'timestamp', 'timestamp_ntz'].includes(type.kind);

/** Fields of one record as JSON, and whether some value did not fit. */
export interface RecordFields {
  fields: readonly (readonly [string, string])[];
  bad: boolean;
}

/** The field that keeps the text of a bad record, if the schema has it. */
export const corruptName = (options: TextOptions): string => options.columnnameofcorruptrecord ?? '_corrupt_record';

/** The record under its schema: the corrupt field filled, or the error of FAILFAST. */
export function recordJson(text: string, { fields, bad }: RecordFields, options: TextOptions): string {
  if (bad && (options.mode ?? '').toUpperCase() === 'FAILFAST')
    throw userError(
      'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION',
      `A record does not fit the schema: ${text.slice(0, 200)}. The mode PERMISSIVE gives NULL instead.`,
      { sqlState: '22023' },
    );
  const name = corruptName(options);
  return typed.object(
    fields.map(([field, value]) => [field, field === name ? (bad ? typed.string(text) : 'null') : value]),
  );
}
