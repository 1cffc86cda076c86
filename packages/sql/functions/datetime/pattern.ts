import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, derive, isNumeric, isText } from '../../types/index.ts';
import { epochSeconds, wallClock } from '../../types/zone.ts';
import { arg, row, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const standard = 'yyyy-MM-dd HH:mm:ss';
const zoneOf = (call: FunctionCall): string => literal(call.session.timeZone);
const printed = (call: FunctionCall): string => `${call.name}(${call.args.map((value) => value.name).join(', ')})`;

/** Text by a pattern as an instant, in the session's zone unless the text names another. */
const parsedInstant = (call: FunctionCall, text: Sql, pattern: Sql, tried: boolean): Sql =>
  sql`make_timestamptz(spark_${tried ? 'try_' : ''}parse_timestamp(${text}, ${pattern}, ${zoneOf(call)}))`;

/** to_timestamp and to_date: a pattern counts for text alone. */
function toTime(call: FunctionCall, target: 'date' | 'timestamp' | 'timestamp_ntz', tried: boolean): FunctionResult {
  const [value, given] = call.args as [Typed, Typed | undefined];
  const to: DataType = { kind: target };
  const result = (text: Sql, operands: Typed[]): FunctionResult => ({
    ...derive(operands, text, to, true),
    name: printed(call),
  });
  const scalar = !['array', 'map', 'struct', 'variant'].includes(value.type.kind);
  const direct = ['date', 'timestamp', 'timestamp_ntz', 'void', 'string'].includes(value.type.kind);
  const seconds = target === 'timestamp' && isNumeric(value.type);
  if (!direct && !seconds && scalar) {
    // Anything else is read as its text.
    const text = cast(value, type.string, call);
    return { ...toTime({ ...call, args: given ? [text, given] : [text] }, target, tried), name: printed(call) };
  }
  if (!given || !isText(value.type)) {
    if (!scalar || (seconds && given))
      throw unsupported(call, 'only text, numbers, dates and timestamps are supported.');
    if (given && !isText(given.type) && given.type.kind !== 'void')
      throw unsupported(call, 'the pattern must be a string.');
    const converted = cast(value, to, { session: call.session, try: tried && isText(value.type) });
    return result(
      given?.nullable ? sql`CASE WHEN ${given.sql} IS NULL THEN NULL ELSE ${converted.sql} END` : converted.sql,
      given ? [value, given] : [value],
    );
  }
  const pattern = arg(call, 1, type.string);
  if (target === 'timestamp_ntz')
    return result(sql`make_timestamp(spark_${tried ? 'try_' : ''}parse_ntz(${value.sql}, ${pattern.sql}))`, [
      value,
      pattern,
    ]);
  const instant = parsedInstant(call, value.sql, pattern.sql, tried);
  return result(target === 'date' ? sql`CAST(${wallClock(instant, call.session)} AS DATE)` : instant, [value, pattern]);
}

const time = (name: string, target: 'date' | 'timestamp' | 'timestamp_ntz', tried = false): FunctionRow =>
  row(name, 1, 2, (call) => toTime(call, target, tried));

function dateFormat(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  const pattern = arg(call, 1, type.string);
  const naive = value.type.kind === 'timestamp_ntz';
  const instant = naive ? value : arg(call, 0, type.timestamp);
  return derive(
    [instant, pattern],
    sql`spark_date_format(epoch_us(${instant.sql}), ${naive ? "'UTC'" : zoneOf(call)}, ${pattern.sql})`,
    type.string,
  );
}

function fromUnixtime(call: FunctionCall): FunctionResult {
  const seconds = arg(call, 0, type.bigint);
  const pattern = call.args[1] ? arg(call, 1, type.string) : undefined;
  const text = sql`spark_date_format(spark_seconds_micros(${seconds.sql}), ${zoneOf(call)}, ${pattern?.sql ?? literal(standard)})`;
  return {
    ...derive(pattern ? [seconds, pattern] : [seconds], text, type.string),
    name: `from_unixtime(${seconds.name}, ${pattern?.name ?? standard})`,
  };
}

/** Seconds since the epoch; of text by a pattern, of dates and timestamps without one. */
function unixTimestamp(call: FunctionCall): FunctionResult {
  const [value, given] = call.args as [Typed | undefined, Typed | undefined];
  if (!value)
    return {
      ...derive([], [`CAST(${Math.floor(call.session.now.getTime() / 1000)} AS BIGINT)`], type.bigint, false),
      name: `${call.name}(current_timestamp(), ${standard})`,
    };
  const pattern = given ? arg(call, 1, type.string) : undefined;
  const name = `${call.name}(${value.name}, ${pattern?.name ?? standard})`;
  const operands = pattern ? [value, pattern] : [value];
  if (isText(value.type) || value.type.kind === 'void') {
    const text = cast(value, type.string, call).sql;
    return {
      ...derive(
        operands,
        epochSeconds(parsedInstant(call, text, pattern?.sql ?? [literal(standard)], false)),
        type.bigint,
        true,
      ),
      name,
    };
  }
  if (!['date', 'timestamp', 'timestamp_ntz'].includes(value.type.kind))
    throw wrongInput(value, 'a text, date or timestamp');
  // A wall clock counts from the epoch without any zone.
  const stamp = value.type.kind === 'timestamp_ntz' ? value.sql : cast(value, type.timestamp, call).sql;
  return { ...derive(operands, epochSeconds(stamp), type.bigint), name };
}

export const patternRows: FunctionRow[] = [
  time('to_date', 'date'),
  time('try_to_date', 'date', true),
  time('to_timestamp', 'timestamp'),
  time('try_to_timestamp', 'timestamp', true),
  time('to_timestamp_ltz', 'timestamp'),
  time('to_timestamp_ntz', 'timestamp_ntz'),
  row('date_format', 2, 2, dateFormat),
  row('from_unixtime', 1, 2, fromUnixtime),
  row('unix_timestamp', 0, 2, unixTimestamp),
  row('to_unix_timestamp', 1, 2, unixTimestamp),
];
