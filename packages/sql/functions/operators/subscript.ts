import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { cast } from '../../types/cast.ts';
import { constantText, derive, implicit, isIntegral, isText, mismatch } from '../../types/index.ts';
import { type } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { refuse } from './arithmetic.ts';

const outOfRange = raise('INVALID_ARRAY_INDEX', 'The index is outside of the array. Use get() to get NULL instead.');

/** `array[i]` counts from 0 and fails outside; `map[key]` is NULL where the key is missing; `struct['field']` is the field. */
export function subscript(call: FunctionCall): FunctionResult {
  const [base, index] = call.args as [Typed, Typed];
  const name = `${base.name}[${index.name}]`;
  if (base.type.kind === 'array') {
    if (!isIntegral(index.type) && index.type.kind !== 'void')
      throw mismatch(
        'UNEXPECTED_INPUT_TYPE',
        `The index of an array must be a whole number, not ${typeText(index.type)}.`,
      );
    const place = index.type.kind === 'void' ? cast(index, type.int, call) : index;
    const text = once([base, place], (list, at) => elementAt(list, at, outOfRange));
    return { ...derive([base, index], text, base.type.element, true), name };
  }
  if (base.type.kind === 'map') return { ...lookup(call, base, index), name };
  if (base.type.kind === 'struct') {
    const wanted = constantText(index)?.toLowerCase();
    const field = base.type.fields.filter((candidate) => candidate.name.toLowerCase() === wanted);
    if (field.length !== 1) throw refuse('This access to a struct');
    return {
      ...derive(
        [base],
        sql`struct_extract(${base.sql}, ${`'${field[0]!.name.replaceAll("'", "''")}'`})`,
        field[0]!.type,
        base.nullable || field[0]!.nullable,
      ),
      name: `${base.name}.${field[0]!.name}`,
    };
  }
  throw userError(
    'INVALID_EXTRACT_BASE_FIELD_TYPE',
    `[…] takes an array, a map or a struct, not ${typeText(base.type)}.`,
    { sqlState: '42000' },
  );
}

/** Element at a position counted from 0; `missing` where there is none. */
export const elementAt = (list: Sql, at: Sql, missing: string): Sql =>
  sql`CASE WHEN ${list} IS NULL OR ${at} IS NULL THEN NULL WHEN ${at} < 0 OR ${at} >= len(${list}) THEN ${missing} ELSE list_extract(${list}, CAST(${at} AS BIGINT) + 1) END`;

/** The value of a key, or NULL. */
export function lookup(call: FunctionCall, base: Typed, key: Typed): FunctionResult {
  if (base.type.kind !== 'map') throw new Error('not a map');
  if (isText(base.type.key) !== isText(key.type) && key.type.kind !== 'void') {
    throw mismatch(
      'MAP_FUNCTION_DIFF_TYPES',
      `The keys are ${typeText(base.type.key)} and the value is ${typeText(key.type)}. Cast the value.`,
    );
  }
  const wanted = implicit(key, base.type.key, call);
  if (base.type.key.kind === 'array' || base.type.key.kind === 'struct')
    throw refuse('Looking up keys that are arrays or structs');
  return derive([base, wanted], sql`map_extract_value(${base.sql}, ${wanted.sql})`, base.type.value, true);
}
