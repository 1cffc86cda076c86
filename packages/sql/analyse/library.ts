import type { DataType } from '@boathouse/contracts';
import { BoathouseError, typeText } from '@boathouse/contracts';
import { sql } from '../emit/text.ts';
import { lookupFunction, lookupRoutine } from '../functions/index.ts';
import type { FunctionRow } from '../functions/row.ts';
import { cast, engineType, holdsTime, numberLiteral, requireTimeType } from '../types/index.ts';
import { pending, type Range } from './errors.ts';
import type { ExpressionSession, Typed } from './typed.ts';

/** What a call written by a person means. */
export const lookupCall = (name: string): FunctionRow | undefined => lookupRoutine(name);
export const lookup = (name: string): FunctionRow | undefined => lookupFunction(name);

/** Errors of types and functions get the place of the expression that caused them. */
export function placed<T>(range: Range, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BoathouseError && !error.position) error.position = pending(range);
    throw error;
  }
}

export const integerLiteral = (value: bigint, kind: 'int' | 'bigint'): Typed => numberLiteral(String(value), { kind });

/** char(n) and varchar(n) as the string that a cast makes of them. */
function withoutLengths(type: DataType): DataType {
  switch (type.kind) {
    case 'char':
    case 'varchar':
      return { kind: 'string' };
    case 'array':
      return { ...type, element: withoutLengths(type.element) };
    case 'map':
      return { ...type, key: withoutLengths(type.key), value: withoutLengths(type.value) };
    case 'struct':
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: withoutLengths(field.type) })) };
    default:
      return type;
  }
}

/** CAST and TRY_CAST as written: a cast of a bare name is named like the column. */
export function castTo(value: Typed, to: DataType, tried: boolean, session: ExpressionSession, range: Range): Typed {
  const out = placed(range, () => {
    if (holdsTime(to)) requireTimeType(session);
    return cast(value, to, { session, try: tried });
  });
  // Spark prints no casts to arrays, maps and structs.
  const name = ['array', 'map', 'struct'].includes(to.kind)
    ? value.name
    : `${tried ? 'TRY_CAST' : 'CAST'}(${value.name} AS ${typeText(withoutLengths(to)).toUpperCase()})`;
  const { column: _column, named: _named, ...rest } = out;
  const outputName = value.named ? (value.outputName ?? value.name) : undefined;
  return { ...rest, name, outputName };
}

/** An implicit conversion: keeps the name (Spark does not print it) and a constant where the value is the same. */
export function implicitCast(value: Typed, to: DataType, session: ExpressionSession, range: Range): Typed {
  if (typeText(value.type) === typeText(to)) return value;
  return placed(range, () => cast(value, to, { session }));
}

export const nullOf = (type: DataType): Typed => ({
  sql: sql`CAST(NULL AS ${engineType(type)})`,
  type,
  nullable: true,
  name: 'NULL',
  foldable: true,
});
