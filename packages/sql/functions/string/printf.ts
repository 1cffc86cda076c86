import { typeText } from '@boathouse/contracts';
import { join, literal, sql } from '../../emit/text.ts';
import { cast } from '../../types/cast.ts';
import { constantText, derive, isIntegral } from '../../types/index.ts';
import { type, unsupported } from '../define.ts';
import { parseFormat } from '../engine/printf.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { row } from './text.ts';

/** Which types a conversion prints as Java prints Spark's own values; dates and the like would print as numbers. */
const accepts: Record<string, (kind: string) => boolean> = {
  s: (kind) =>
    ['string', 'int', 'bigint', 'smallint', 'tinyint', 'boolean', 'double', 'float', 'decimal', 'void'].includes(kind),
  d: (kind) => ['int', 'bigint', 'smallint', 'tinyint', 'void'].includes(kind),
  x: (kind) => ['int', 'bigint'].includes(kind),
  X: (kind) => ['int', 'bigint'].includes(kind),
  o: (kind) => ['int', 'bigint'].includes(kind),
  f: (kind) => kind === 'double',
};

function formatString(call: FunctionCall): FunctionResult {
  const [format, ...values] = call.args as [(typeof call.args)[0], ...typeof call.args];
  const text = constantText(format);
  if (text === undefined) throw unsupported(call, 'the format must be a string literal.');
  const parts = parseFormat(text);
  if (!parts) throw unsupported(call, `the format '${text}' is not supported. Use %s, %d, %f, %x or %o.`);
  const conversions = parts.filter((part) => typeof part !== 'string');
  if (conversions.length > values.length) throw unsupported(call, 'the format asks for more values than there are.');
  conversions.forEach((conversion, index) => {
    const { type: of } = values[index]!;
    if (!accepts[conversion.letter]!(of.kind))
      throw unsupported(call, `%${conversion.letter} of ${typeText(of)} is not supported.`);
    if (conversion.flags.includes('0') && (conversion.flags.includes('-') || conversion.width === 0))
      throw unsupported(call, 'these flags are not supported together.');
    if (isIntegral(of) && conversion.precision !== undefined && conversion.letter !== 's')
      throw unsupported(call, 'a precision of whole numbers is not supported.');
  });
  const texts = values.map((value) => cast(value, type.string, call).sql);
  const kinds = literal(values.map((value) => value.type.kind).join(','));
  return {
    ...derive(call.args, sql`spark_printf(${join([format.sql, kinds, ...texts], ', ')})`, type.string, false),
    name: `${call.name}(${call.args.map((value) => value.name).join(', ')})`,
  };
}

export const printfRows: FunctionRow[] = ['format_string', 'printf'].map((name) =>
  row(name, 1, Number.POSITIVE_INFINITY, formatString),
);
