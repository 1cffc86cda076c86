import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, literal, sql } from '../../emit/text.ts';
import { textOf } from '../../types/cast-text.ts';
import { constantText, derive, isText } from '../../types/index.ts';
import { isYearMonth } from '../../types/numeric.ts';
import { arg, row, type, unsupported } from '../define.ts';
import { parseFormat } from '../engine/printf.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

/** The value as text, and the kind under which Java's formatter sees Spark's inner value: a date is an int. */
function inner(call: FunctionCall, value: Typed): { kind: string; text: Sql } {
  const of = value.type;
  const number = (kind: string, text: Sql) => ({ kind, text: sql`CAST(${text} AS VARCHAR)` });
  switch (of.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'void':
      return number(of.kind, value.sql);
    case 'double':
    case 'float':
      return { kind: of.kind, text: sql`spark_double_text(CAST(${value.sql} AS DOUBLE))` };
    case 'decimal':
      return { kind: of.kind, text: textOf(value.sql, of, call.session) };
    case 'date':
      return number('int', sql`datediff('day', DATE '1970-01-01', ${value.sql})`);
    case 'timestamp':
    case 'timestamp_ntz':
      return number('bigint', sql`epoch_us(${value.sql})`);
    case 'interval':
      return number(isYearMonth(of) ? 'int' : 'bigint', value.sql);
    default:
      if (!isText(of)) throw unsupported(call, `values of the type ${typeText(of)} are not supported. Cast to string.`);
      return { kind: 'string', text: value.sql };
  }
}

function formatString(call: FunctionCall): FunctionResult {
  const format = arg(call, 0, type.string);
  const constant = constantText(call.args[0]!);
  if (constant !== undefined) parseFormat(constant);
  const values = call.args.slice(1).map((value) => inner(call, value));
  const kinds = literal(values.map((value) => value.kind).join(','));
  const texts = values.map((value) => value.text);
  return {
    ...derive(call.args, sql`spark_printf(${join([format.sql, kinds, ...texts], ', ')})`, type.string, format.nullable),
    name: `${call.name}(${[format, ...call.args.slice(1)].map((value) => value.name).join(', ')})`,
  };
}

export const printfRows: FunctionRow[] = ['format_string', 'printf'].map((name) =>
  row(name, 1, Number.POSITIVE_INFINITY, formatString),
);
