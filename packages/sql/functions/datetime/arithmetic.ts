import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, constantText, derive } from '../../types/index.ts';
import { isText } from '../../types/numeric.ts';
import { instantOf, isUtc, movedByDays, movedInstant } from '../../types/zone.ts';
import { arg, callSql, row, type, unsupported } from '../define.ts';
import { truncUnit } from '../engine/datetime.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { dateArg, wallArg } from './arguments.ts';

/** A count of days or months: whole numbers up to int, and text that reads as one. */
function countArg(call: FunctionCall, index: number): Typed {
  const value = call.args[index]!;
  if (!['tinyint', 'smallint', 'int', 'void'].includes(value.type.kind) && !isText(value.type))
    throw wrongInput(value, 'an int');
  return arg(call, index, type.int);
}

const printed = (call: FunctionCall): string => `${call.name}(${call.args.map((value) => value.name).join(', ')})`;

const moved = (name: string, sign: '+' | '-'): FunctionRow =>
  row(name, 2, 2, (call) => {
    if (call.args[1]!.type.kind === 'interval')
      throw unsupported(call, 'intervals are not supported. Use the + operator.');
    const [date, days] = [dateArg(call, 0), countArg(call, 1)];
    // Far days wrap in Spark; the engine would stop.
    const near =
      typeof days.constant?.value === 'bigint' && days.constant.value < 1_000_000n && days.constant.value > -1_000_000n;
    const text = near
      ? sql`(${date.sql} ${sign} ${days.sql})`
      : sql`(DATE '1970-01-01' + spark_days_moved(CAST((${date.sql} - DATE '1970-01-01') AS INTEGER), ${days.sql}, '${sign}'))`;
    return { ...derive([date, days], text, type.date), name: printed(call) };
  });

/** The engine's unit of trunc and date_trunc: a name known now, or one that each row brings; undefined for one that is none. */
function unitOf(call: FunctionCall, index: number, dates: boolean): { operand: Typed; text: Sql | undefined } {
  const operand = arg(call, index, type.string);
  const written = constantText(operand);
  if (written === undefined)
    return { operand, text: sql`spark_trunc_unit(${operand.sql}, ${dates ? 'TRUE' : 'FALSE'})` };
  const unit = truncUnit(written, dates);
  return { operand, text: unit ? [`'${unit}'`] : undefined };
}

/** trunc(date, unit): NULL for a unit that is not known. */
function trunc(call: FunctionCall): FunctionResult {
  const date = dateArg(call, 0);
  const { operand, text } = unitOf(call, 1, true);
  if (!text) return derive([date], sql`CAST(NULL AS DATE)`, type.date, true);
  return derive([date, operand], sql`CAST(date_trunc(${text}, ${date.sql}) AS DATE)`, type.date, true);
}

const clockUnits = ['day', 'hour', 'minute', 'second', 'millisecond', 'microsecond'];

/** date_trunc(unit, timestamp): always a timestamp of the session zone. */
function dateTrunc(call: FunctionCall): FunctionResult {
  const wall = wallArg(call, 1);
  const { operand, text } = unitOf(call, 0, false);
  if (!text) return derive([wall], sql`CAST(NULL AS TIMESTAMPTZ)`, type.timestamp, true);
  if (isUtc(call.session))
    return derive([operand, wall], sql`CAST(date_trunc(${text}, ${wall.sql}) AS TIMESTAMPTZ)`, type.timestamp, true);
  // A day, an hour and a minute begin under the offset that holds at the instant; longer units begin anew.
  const instant = arg(call, 1, type.timestamp);
  const short = sql`make_timestamptz(spark_truncated_in_zone(epoch_us(${instant.sql}), ${text}, ${literal(call.session.timeZone)}))`;
  const long = instantOf(sql`date_trunc(${text}, ${wall.sql})`, call.session);
  const list = clockUnits.map((unit) => `'${unit}'`).join(', ');
  return derive(
    [operand, wall],
    sql`CASE WHEN ${text} IN (${list}) THEN ${short} ELSE ${long} END`,
    type.timestamp,
    true,
  );
}

const whole = (call: FunctionCall): Typed => {
  const value = call.args[0]!;
  if (!['tinyint', 'smallint', 'int', 'bigint', 'void'].includes(value.type.kind))
    throw wrongInput(value, 'a whole number');
  return arg(call, 0, type.bigint);
};

const tooFine = raise('ARITHMETIC_OVERFLOW', 'Timestamps hold microseconds. Round the seconds to six digits.');

const fromEpoch = (name: string, factor: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = whole(call);
    return derive([value], sql`make_timestamptz((${value.sql} * ${factor}))`, type.timestamp);
  });

/** Timestamps alone: no text, no dates. */
const instant = (call: FunctionCall): Typed => {
  const value = call.args[0]!;
  if (value.type.kind !== 'timestamp' && value.type.kind !== 'void') throw wrongInput(value, 'a timestamp');
  return arg(call, 0, type.timestamp);
};
const toEpoch = (
  name: string,
  text: (micros: string[] | ReturnType<typeof sql>) => ReturnType<typeof sql>,
): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = instant(call);
    return derive([value], text(value.sql), type.bigint);
  });

function monthsBetween(call: FunctionCall): FunctionResult {
  const [a, b] = [wallArg(call, 0), wallArg(call, 1)];
  const rounded = call.args[2] ? arg(call, 2, type.boolean) : undefined;
  const text = callSql(
    'spark_months_between',
    sql`epoch_us(${a.sql})`,
    sql`epoch_us(${b.sql})`,
    rounded?.sql ?? 'TRUE',
  );
  return {
    ...derive([a, b], text, type.double),
    name: `months_between(${call.args[0]!.name}, ${call.args[1]!.name}, ${rounded?.name ?? 'true'})`,
  };
}

const micros = (value: Typed) => sql`epoch_us(${value.sql})`;

const unitMonths: Record<string, string> = { year: '12', quarter: '3', month: '1' };
const unitMicros: Record<string, string> = {
  week: '604800000000',
  day: '86400000000',
  dayofyear: '86400000000',
  hour: '3600000000',
  minute: '60000000',
  second: '1000000',
  millisecond: '1000',
  microsecond: '1',
};

/** timestampadd(unit, count, timestamp): dates become timestamps; whole days move by the calendar of the session zone. */
function timestampAdd(call: FunctionCall): FunctionResult {
  const unit = constantText(call.args[0]!)!.toLowerCase();
  const count = countArg(call, 1);
  const naive = call.args[2]!.type.kind === 'timestamp_ntz';
  const stamp = naive ? call.args[2]! : arg(call, 2, type.timestamp);
  const [months, micros] = [unitMonths[unit], unitMicros[unit]];
  if (!months && !micros) throw unsupported(call, `the unit ${unit} is not supported.`);
  const size = sql`(CAST(${count.sql} AS BIGINT) * ${months ?? micros!})`;
  const shift = months ? sql`to_months(CAST(${size} AS INTEGER))` : sql`to_microseconds(${size})`;
  const wall = sql`(${naive ? stamp.sql : sql`CAST(${stamp.sql} AS TIMESTAMP)`} + ${shift})`;
  const moved = naive
    ? wall
    : isUtc(call.session)
      ? sql`CAST(${wall} AS TIMESTAMPTZ)`
      : months
        ? movedInstant(stamp.sql, { months: size }, call.session)
        : ['week', 'day', 'dayofyear'].includes(unit)
          ? movedByDays(stamp.sql, size, call.session)
          : sql`make_timestamptz((epoch_us(${stamp.sql}) + ${size}))`;
  const name = `timestampadd(${call.args.map((value) => value.name).join(', ')})`;
  return { ...derive([count, stamp], moved, naive ? type.ntz : type.timestamp), name };
}

/** timestampdiff(unit, start, end): full units between the wall clocks. */
function timestampDiff(call: FunctionCall): FunctionResult {
  const unit = constantText(call.args[0]!)!.toLowerCase();
  const [start, end] = [wallArg(call, 1), wallArg(call, 2)];
  const text = sql`spark_timestamp_diff('${unit === 'dayofyear' ? 'day' : unit}', ${micros(start)}, ${micros(end)})`;
  return {
    ...derive([start, end], text, type.bigint),
    name: `timestampdiff(${call.args.map((value) => value.name).join(', ')})`,
  };
}

export const dateArithmetic: FunctionRow[] = [
  // The analyser calls these for DATEADD(unit, …) and DATEDIFF(unit, …), with the unit as a string.
  row('timestampadd', 3, 3, timestampAdd),
  row('timestampdiff', 3, 3, timestampDiff),
  moved('date_add', '+'),
  moved('dateadd', '+'),
  moved('date_sub', '-'),
  row('add_months', 2, 2, (call) => {
    const [date, months] = [dateArg(call, 0), arg(call, 1, type.int)];
    return derive([date, months], sql`CAST((${date.sql} + to_months(${months.sql})) AS DATE)`, type.date);
  }),
  ...['datediff', 'date_diff'].map((name) =>
    row(name, 2, 2, (call) => {
      const [end, start] = [dateArg(call, 0), dateArg(call, 1)];
      return derive([end, start], sql`CAST((${end.sql} - ${start.sql}) AS INTEGER)`, type.int);
    }),
  ),
  row('last_day', 1, 1, (call) => {
    const date = dateArg(call, 0);
    return derive([date], sql`last_day(${date.sql})`, type.date);
  }),
  row('next_day', 2, 2, (call) => {
    const [date, day] = [dateArg(call, 0), arg(call, 1, type.string)];
    return derive(
      [date, day],
      sql`(DATE '1970-01-01' + spark_next_day(CAST((${date.sql} - DATE '1970-01-01') AS INTEGER), ${day.sql}))`,
      type.date,
      true,
    );
  }),
  row('trunc', 2, 2, trunc),
  row('date_trunc', 2, 2, dateTrunc),
  row('unix_date', 1, 1, (call) => {
    if (call.args[0]!.type.kind !== 'date' && call.args[0]!.type.kind !== 'void')
      throw wrongInput(call.args[0]!, 'a date');
    const date = dateArg(call, 0);
    return derive([date], sql`CAST((${date.sql} - DATE '1970-01-01') AS INTEGER)`, type.int);
  }),
  row('date_from_unix_date', 1, 1, (call) => {
    const days = arg(call, 0, type.int);
    return derive([days], sql`(DATE '1970-01-01' + ${days.sql})`, type.date);
  }),
  fromEpoch('timestamp_millis', '1000'),
  fromEpoch('timestamp_micros', '1'),
  row('timestamp_seconds', 1, 1, (call) => {
    const [value] = call.args as [Typed];
    if (['float', 'double'].includes(value.type.kind))
      return derive(
        [value],
        sql`make_timestamptz(spark_micros_of_double(CAST(${value.sql} AS DOUBLE)))`,
        type.timestamp,
        true,
      );
    if (value.type.kind === 'decimal' && value.type.scale > 6)
      return derive(
        [value],
        once(
          [value],
          (x) =>
            sql`CASE WHEN ${x} <> trunc(${x}, 6) THEN ${tooFine} ELSE make_timestamptz(spark_decimal_micros(CAST(${x} AS VARCHAR))) END`,
        ),
        type.timestamp,
      );
    if (value.type.kind !== 'decimal' && value.type.kind !== 'void') whole(call);
    return { ...cast(value, type.timestamp, call), name: undefined, constant: undefined };
  }),
  toEpoch('unix_micros', (x) => sql`epoch_us(${x})`),
  toEpoch('unix_millis', (x) => sql`(epoch_us(date_trunc('millisecond', CAST(${x} AS TIMESTAMP))) // 1000)`),
  toEpoch('unix_seconds', (x) => sql`(epoch_us(date_trunc('second', CAST(${x} AS TIMESTAMP))) // 1000000)`),
  row('months_between', 2, 3, monthsBetween),
  row('make_date', 3, 3, (call) => {
    const parts = [0, 1, 2].map((index) => arg(call, index, type.int));
    return derive(
      parts,
      sql`(DATE '1970-01-01' + ${callSql('spark_make_date', ...parts.map((part) => part.sql))})`,
      type.date,
      true,
    );
  }),
  row('from_utc_timestamp', 2, 2, (call) => {
    const [value, zone] = [wallArg(call, 0), arg(call, 1, type.string)];
    return derive(
      [value, zone],
      instantOf(sql`make_timestamp(spark_to_wall(${micros(value)}, ${zone.sql}))`, call.session),
      type.timestamp,
    );
  }),
  row('to_utc_timestamp', 2, 2, (call) => {
    const [value, zone] = [wallArg(call, 0), arg(call, 1, type.string)];
    return derive(
      [value, zone],
      instantOf(sql`make_timestamp(spark_to_instant(${micros(value)}, ${zone.sql}))`, call.session),
      type.timestamp,
    );
  }),
];
