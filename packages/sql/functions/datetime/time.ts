import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  constantInteger,
  constantText,
  derive,
  isText,
  microsOfTime,
  mismatch,
  requireTimeType,
  timeOfMicros,
  timeType,
} from '../../types/index.ts';
import { decimal, isIntegral, isNumeric } from '../../types/numeric.ts';
import { wallClock } from '../../types/zone.ts';
import { arg, callSql, row, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

/** A time of any precision; text too where `text` says so. */
export function timeArg(call: FunctionCall, index: number, text = false): Typed {
  const value = call.args[index]!;
  if (value.type.kind === 'time') return value;
  const castable = ['date', 'timestamp', 'timestamp_ntz'].includes(value.type.kind);
  if (value.type.kind === 'void' || (text && (isText(value.type) || castable))) return arg(call, index, timeType());
  throw wrongInput(value, 'a time');
}

/** Rows of functions that Spark offers only with the setting of `requireTimeType`. */
const gated = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow =>
  row(name, minArgs, maxArgs, (call) => {
    requireTimeType(call.session);
    return build(call);
  });

function makeTime(call: FunctionCall): FunctionResult {
  const [hour, minute, second] = [
    arg(call, 0, type.int),
    arg(call, 1, type.int),
    arg(call, 2, decimal(16, 6)),
  ] as const;
  const micros = sql`CAST((${second.sql} * 1000000) AS BIGINT)`;
  const text = timeOfMicros(callSql('spark_make_time', hour.sql, minute.sql, micros));
  return derive([hour, minute, second], text, timeType(), true);
}

const toTime = (tried: boolean) =>
  function build(call: FunctionCall): FunctionResult {
    for (const value of call.args)
      if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
    const [text, pattern] = call.args.map((_, index) => arg(call, index, type.string));
    const name = `spark_${tried ? 'try_' : ''}to_time`;
    const parsed = pattern ? callSql(`${name}_by`, text!.sql, pattern.sql) : callSql(name, text!.sql);
    const printed = `to_time(${call.args.map((value) => value.name).join(', ')})`;
    return {
      ...derive(pattern ? [text!, pattern] : [text!], timeOfMicros(parsed), timeType(), true),
      name: tried ? `try_to_time(${printed})` : printed,
    };
  };

const unitMicros: Record<string, string> = {
  HOUR: '3600000000',
  MINUTE: '60000000',
  SECOND: '1000000',
  MILLISECOND: '1000',
  MICROSECOND: '1',
};
const knownUnit = (unit: Typed): string | undefined => unitMicros[(constantText(unit) ?? '').toUpperCase()];

function timeDiff(call: FunctionCall): FunctionResult {
  const [unit, start, end] = [arg(call, 0, type.string), timeArg(call, 1, true), timeArg(call, 2, true)] as const;
  const [from, to] = [microsOfTime(start.sql), microsOfTime(end.sql)];
  const known = knownUnit(unit);
  const size: Sql = known ? [known] : callSql('spark_time_unit', unit.sql, from, to);
  return derive([unit, start, end], sql`((${to} - ${from}) // ${size})`, type.bigint, true);
}

function timeTrunc(call: FunctionCall): FunctionResult {
  const [unit, time] = [arg(call, 0, type.string), timeArg(call, 1, true)] as const;
  const micros = microsOfTime(time.sql);
  const known = knownUnit(unit);
  const size: Sql = known ? [known] : callSql('spark_time_unit', unit.sql, micros, '0');
  return derive([unit, time], timeOfMicros(sql`(${micros} // ${size} * ${size})`), time.type, true);
}

/** time_from_seconds of whole numbers, decimals and doubles. */
function fromSeconds(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (!isNumeric(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a number');
  const text =
    value.type.kind === 'float' || value.type.kind === 'double'
      ? sql`spark_time_of_double(CAST(${value.sql} AS DOUBLE))`
      : value.type.kind === 'decimal'
        ? sql`spark_time_of_text(CAST(${value.sql} AS VARCHAR))`
        : sql`spark_time_of(CAST(${value.sql} AS BIGINT), 1000000)`;
  return derive([value], timeOfMicros(text), timeType(), true);
}

const fromWhole = (name: string, factor: string): FunctionRow =>
  gated(name, 1, 1, (call) => {
    const [value] = call.args as [Typed];
    if (!isIntegral(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a whole number');
    return derive([value], timeOfMicros(sql`spark_time_of(CAST(${value.sql} AS BIGINT), ${factor})`), timeType(), true);
  });

const toNumber = (name: string, to: DataType, text: (micros: Sql) => Sql): FunctionRow =>
  gated(name, 1, 1, (call) => {
    const value = timeArg(call, 0);
    return derive([value], text(microsOfTime(value.sql)), to);
  });

/** current_time([precision]): the statement's start in the session zone. */
function currentTime(call: FunctionCall): FunctionResult {
  const written = call.args[0];
  const precision = written ? constantPrecision(call, written) : 6;
  if (precision < 0 || precision > 6)
    throw mismatch('VALUE_OUT_OF_RANGE', `The precision of current_time must be between 0 and 6, not ${precision}.`);
  const now = sql`make_timestamptz(${String(BigInt(call.session.now.getTime()) * 1000n)})`;
  const unit = String(10 ** (6 - precision));
  const micros = sql`(${microsOfTime(sql`CAST(${wallClock(now, call.session)} AS TIME)`)} // ${unit} * ${unit})`;
  return {
    ...derive([], timeOfMicros(micros), timeType(precision), false),
    name: `current_time(${written?.name ?? '6'})`,
  };
}

function constantPrecision(call: FunctionCall, value: Typed): number {
  const text = constantText(value);
  const known =
    constantInteger(value) ?? (text !== undefined && /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.trim()) : undefined);
  if (known === undefined) throw unsupported(call, 'the precision must be a number from 0 to 6.');
  return Number(known);
}

/** hour, minute and second of a time; undefined for other values. `field` as in EXTRACT. */
export function partOfTime(call: FunctionCall, index: number, field: string): FunctionResult | undefined {
  const value = call.args[index]!;
  if (value.type.kind !== 'time') return undefined;
  requireTimeType(call.session);
  const micros = microsOfTime(value.sql);
  const whole = (size: string, count: string) =>
    derive([value], sql`CAST((${micros} // ${size} % ${count}) AS INTEGER)`, type.int);
  switch (field) {
    case 'hour':
      return whole('3600000000', '24');
    case 'minute':
      return whole('60000000', '60');
    case 'wholeSecond':
      return whole('1000000', '60');
    case 'second':
      return derive(
        [value],
        sql`CAST((CAST((${micros} % 60000000) AS DOUBLE) / 1000000) AS DECIMAL(8,6))`,
        decimal(8, 6),
      );
    default:
      throw wrongExtract(field);
  }
}

const wrongExtract = (field: string): Error =>
  Object.assign(mismatch('INVALID', `A time has no field ${field}.`), {
    code: 'INVALID_EXTRACT_FIELD',
    sqlState: '42601',
  });

export const timeRows: FunctionRow[] = [
  gated('make_time', 3, 3, makeTime),
  gated('to_time', 1, 2, toTime(false)),
  gated('try_to_time', 1, 2, toTime(true)),
  gated('time_diff', 3, 3, timeDiff),
  gated('time_trunc', 2, 2, timeTrunc),
  gated('time_from_seconds', 1, 1, fromSeconds),
  fromWhole('time_from_millis', '1000'),
  fromWhole('time_from_micros', '1'),
  toNumber(
    'time_to_seconds',
    decimal(14, 6),
    (micros) => sql`CAST((CAST(${micros} AS DECIMAL(12,0)) * 0.000001) AS DECIMAL(14,6))`,
  ),
  toNumber('time_to_millis', type.bigint, (micros) => sql`(${micros} // 1000)`),
  toNumber('time_to_micros', type.bigint, (micros) => micros),
  row('current_time', 0, 1, currentTime),
];
