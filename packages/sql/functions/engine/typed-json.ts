import { Buffer } from 'node:buffer';
import { dateText, timestampText } from './calendar.ts';
import { jsonString } from './json.ts';
import { doubleText } from './number-text.ts';

/**
 * JSON text that the engine casts to exactly a type: what engine functions that give arrays, structs and maps return.
 * Numbers that JSON would change, dates and times stand as strings, bytes as hexadecimal. See types/typed-json.ts.
 */
export const typed = {
  string: jsonString,
  double: (value: number): string => `"${doubleText(value)}"`,
  date: (days: number): string => `"${dateText(days)}"`,
  timestamp: (micros: bigint): string => `"${timestampText(micros)}+00"`,
  ntz: (micros: bigint): string => `"${timestampText(micros)}"`,
  /** Hexadecimal: the engine's JSON has no bytes. */
  binary: (bytes: Uint8Array): string => `"${Buffer.from(bytes).toString('hex')}"`,
  array: (items: readonly string[]): string => `[${items.join(',')}]`,
  object: (fields: readonly (readonly [string, string])[]): string =>
    `{${fields.map(([name, value]) => `${jsonString(name)}:${value}`).join(',')}}`,
};
