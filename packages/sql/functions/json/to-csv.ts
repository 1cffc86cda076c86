import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { ident, join, sql } from '../../emit/text.ts';
import { textOf } from '../../types/cast-text.ts';
import { derive, isText, mismatch } from '../../types/index.ts';
import { type, unsupported } from '../define.ts';
import type { TextOptions } from '../engine/json-options.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { optionsArg, optionsText } from './options.ts';
import { temporalText } from './to-json.ts';

/** One field as text; NULL where it is NULL. */
function fieldText(value: Sql, of: DataType, call: FunctionCall, options: TextOptions): Sql {
  switch (of.kind) {
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return temporalText(value, of, { call, options });
    case 'void':
      return sql`CAST(NULL AS VARCHAR)`;
    case 'array': {
      // A NULL is nothing, without the blank behind the comma.
      const text = fieldText(['__item'], of.element, call, options);
      const item = sql`coalesce(CASE WHEN __place = 1 THEN '' ELSE ' ' END || ${text}, '')`;
      if (['array', 'map', 'struct'].includes(of.element.kind))
        throw unsupported(call, 'nested arrays are not supported.');
      return sql`('[' || coalesce(array_to_string(list_transform(${value}, lambda __item, __place: ${item}), ','), '') || ']')`;
    }
    case 'variant':
      throw mismatch('UNSUPPORTED_INPUT_TYPE', 'to_csv does not take structs with variants.');
    case 'binary':
      return sql`('[' || regexp_replace(regexp_replace(hex(${value}), '(..)', '\\1 ', 'g'), ' $', '') || ']')`;
    case 'map':
    case 'struct':
    case 'time':
    case 'calendar_interval':
      throw unsupported(call, `fields of the type ${of.kind} are not supported.`);
    default:
      return isText(of) ? value : textOf(value, of, call.session);
  }
}

/** to_csv(struct): its fields as one record, quoted where needed. */
export function toCsv(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  const options = optionsArg(call, 1);
  const name = `to_csv(${value.name})`;
  if (value.type.kind === 'void') return { ...derive([value], sql`CAST(NULL AS VARCHAR)`, type.string, true), name };
  if (value.type.kind !== 'struct')
    throw mismatch('UNSUPPORTED_INPUT_TYPE', `to_csv takes a struct, not ${value.name}.`);
  if (options.chartoescapequoteescaping !== undefined || options.lineseparator !== undefined)
    throw unsupported(call, 'the options charToEscapeQuoteEscaping and lineSeparator are not supported.');
  const fields = value.type.fields.map((field) => fieldText([`__row.${ident(field.name)}`], field.type, call, options));
  const record = sql`spark_to_csv(CAST([${join(fields, ', ')}] AS VARCHAR[]), ${optionsText(options)})`;
  const text = sql`list_transform([${value.sql}], lambda __row: CASE WHEN __row IS NULL THEN NULL ELSE ${record} END)[1]`;
  return { ...derive([value], text, type.string), name };
}
