import type { DataType } from '@boathouse/contracts';
import { deltaErrors } from '../errors.ts';

/** Types of files by their engine's names → types of a table. */
const simple: Record<string, DataType> = {
  BOOLEAN: { kind: 'boolean' },
  TINYINT: { kind: 'tinyint' },
  SMALLINT: { kind: 'smallint' },
  INTEGER: { kind: 'int' },
  BIGINT: { kind: 'bigint' },
  // There are no unsigned types: the next wider one holds all values.
  UTINYINT: { kind: 'smallint' },
  USMALLINT: { kind: 'int' },
  UINTEGER: { kind: 'bigint' },
  UBIGINT: { kind: 'decimal', precision: 20, scale: 0 },
  FLOAT: { kind: 'float' },
  DOUBLE: { kind: 'double' },
  DATE: { kind: 'date' },
  VARCHAR: { kind: 'string' },
  JSON: { kind: 'string' },
  BLOB: { kind: 'binary' },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp' },
  TIMESTAMP: { kind: 'timestamp_ntz' },
  TIMESTAMP_NS: { kind: 'timestamp_ntz' },
};

/**
 * The engine's text of a type, such as `STRUCT(a INTEGER, "b c" VARCHAR[])`, as a type of a table. `naiveIsInstant`: times
 * without a zone are instants (INT96, which has no other meaning). Throws DELTA_UNSUPPORTED_DATA_TYPES.
 */
export function typeOfEngine(text: string, naiveIsInstant: boolean): DataType {
  let at = 0;
  const fail = () => deltaErrors.unsupportedType(text, text);
  const take = (sign: string): boolean => {
    while (text[at] === ' ') at++;
    if (!text.startsWith(sign, at)) return false;
    at += sign.length;
    return true;
  };
  const name = (): string => {
    take('');
    const match = /^(?:"((?:[^"]|"")*)"|([A-Za-z_]\w*))/.exec(text.slice(at));
    if (!match) throw fail();
    at += match[0].length;
    return match[1]?.replaceAll('""', '"') ?? match[2]!;
  };
  const base = (): DataType => {
    if (take('STRUCT(')) {
      const fields: Extract<DataType, { kind: 'struct' }>['fields'] = [];
      do fields.push({ name: name(), type: type(), nullable: true });
      while (take(','));
      if (!take(')')) throw fail();
      return { kind: 'struct', fields };
    }
    if (take('MAP(')) {
      const key = type();
      if (!take(',')) throw fail();
      const value = type();
      if (!take(')')) throw fail();
      return { kind: 'map', key, value, valueContainsNull: true };
    }
    const decimal = /^DECIMAL\((\d+),\s*(\d+)\)/.exec(text.slice(at));
    if (decimal) {
      at += decimal[0].length;
      return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
    }
    const word = /^(TIMESTAMP WITH TIME ZONE|[A-Z_]+)/.exec(text.slice(at))?.[0];
    const found = word === undefined ? undefined : simple[word];
    if (word === undefined || !found) throw fail();
    at += word.length;
    return naiveIsInstant && found.kind === 'timestamp_ntz' ? { kind: 'timestamp' } : found;
  };
  const type = (): DataType => {
    take('');
    let found = base();
    while (take('[]')) found = { kind: 'array', element: found, containsNull: true };
    return found;
  };
  const whole = type();
  if (at !== text.length) throw fail();
  return whole;
}
