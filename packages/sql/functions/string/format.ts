import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantText,
  derive,
  engineType,
  isIntegral,
  isNullLiteral,
  isText,
  mismatch,
} from '../../types/index.ts';
import { decimalOf } from '../../types/numeric.ts';
import { patternRows } from '../datetime/pattern.ts';
import { arg, row, type, unsupported } from '../define.ts';
import { numberFormat } from '../engine/number-format.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { decodeBytes } from './bytes.ts';

const { string, binary } = type;
const dateFormat = patternRows.find((one) => one.name === 'date_format')!;

/** The constant format: its text, or null where it is a NULL. Throws NON_FOLDABLE_INPUT. */
function formatOf(call: FunctionCall): string | null {
  const given = call.args[1]!;
  if (isNullLiteral(given)) return null;
  const text = constantText(given);
  if (text !== undefined) return text;
  if (given.foldable) throw unsupported(call, 'the format must be a string literal.');
  throw mismatch('NON_FOLDABLE_INPUT', `The format of ${call.name} must be a constant.`);
}

/** How Spark turns an argument into a decimal of no given size. */
function decimalArg(call: FunctionCall): Typed {
  const value = call.args[0]!;
  const { kind } = value.type;
  const to: DataType | undefined =
    kind === 'decimal' || isIntegral(value.type)
      ? decimalOf(value.type)
      : kind === 'double'
        ? { kind: 'decimal', precision: 30, scale: 15 }
        : kind === 'float'
          ? { kind: 'decimal', precision: 14, scale: 7 }
          : isText(value.type) || kind === 'void'
            ? { kind: 'decimal', precision: 38, scale: 18 }
            : undefined;
  if (!to) throw wrongInput(value, 'a number');
  return cast(value, to, call);
}

const named = (call: FunctionCall, name: string): string =>
  `${name}(${call.args.map((value) => value.name).join(', ')})`;

function bytesText(call: FunctionCall): FunctionResult {
  const [value, given] = call.args as [Typed, Typed];
  const text = constantText(given);
  if (text === undefined) {
    throw userError('NON_FOLDABLE_ARGUMENT', `The format of ${call.name} must be a string literal.`, {
      sqlState: '42K08',
    });
  }
  switch (text.toLowerCase().trim()) {
    case 'hex':
      return { ...derive([value], sql`hex(${value.sql})`, string), name: `${call.name}(${value.name})` };
    case 'base64':
      return { ...derive([value], sql`spark_base64(${value.sql})`, string), name: `base64(${value.name})` };
    case 'utf-8':
      return { ...decodeBytes(call), name: named(call, 'decode') };
    default:
      throw userError('INVALID_PARAMETER_VALUE.BINARY_FORMAT', `'${text}' is not hex, base64 or utf-8.`, {
        sqlState: '22023',
      });
  }
}

/** to_char: numbers by a number format, dates and times by a pattern, bytes by the name of a form. */
function toChar(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (['date', 'timestamp', 'timestamp_ntz'].includes(value.type.kind))
    return { ...dateFormat.build(call), name: named(call, 'date_format') };
  if (value.type.kind === 'binary') return bytesText(call);
  const number = decimalArg(call);
  const format = formatOf(call);
  if (format !== null) numberFormat(format);
  const given = format === null ? 'CAST(NULL AS VARCHAR)' : literal(format);
  return {
    ...derive([number], sql`spark_to_char(CAST(${number.sql} AS VARCHAR), ${given})`, string, true),
    name: `to_char(${number.name}, ${call.args[1]!.name})`,
  };
}

const toNumber = (name: 'to_number' | 'try_to_number'): FunctionRow =>
  row(name, 2, 2, (call) => {
    const text = arg(call, 0, string);
    const format = formatOf(call);
    const read = format === null ? undefined : numberFormat(format);
    const returns: DataType = { kind: 'decimal', precision: read?.precision ?? 10, scale: read?.scale ?? 0 };
    const given = format === null ? 'CAST(NULL AS VARCHAR)' : literal(format);
    return derive([text], sql`CAST(spark_${name}(${text.sql}, ${given}) AS ${engineType(returns)})`, returns, true);
  });

const binaryFormats = ['hex', 'utf-8', 'utf8', 'base64'];

/** to_binary(text[, format]): hexadecimal unless said otherwise. */
const toBinary = (name: 'to_binary' | 'try_to_binary'): FunctionRow =>
  row(name, 1, 2, (call) => {
    const text = arg(call, 0, string);
    const written = call.args[1] ? formatOf(call) : 'hex';
    const format = written?.toLowerCase() ?? null;
    const printed = { name: named(call, name) };
    if (format === null || (!binaryFormats.includes(format) && name === 'try_to_binary'))
      return { ...derive([text], sql`CAST(NULL AS BLOB)`, binary, true), ...printed };
    if (!binaryFormats.includes(format))
      throw mismatch('INVALID_ARG_VALUE', `The format of to_binary is hex, utf-8 or base64, not '${format}'.`);
    const engine = name === 'to_binary' ? 'spark_to_binary' : 'spark_try_to_binary';
    return { ...derive([text], sql`${engine}(${text.sql}, ${literal(format)})`, binary, true), ...printed };
  });

export const formatRows: FunctionRow[] = [
  row('to_char', 2, 2, toChar),
  row('to_varchar', 2, 2, toChar),
  toNumber('to_number'),
  toNumber('try_to_number'),
  toBinary('to_binary'),
  toBinary('try_to_binary'),
];
