import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { derive, isInterval, mismatch } from '../../types/index.ts';
import { isYearMonth } from '../../types/numeric.ts';
import { instantOf, isUtc, wallClock } from '../../types/zone.ts';
import { arg, row, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

/** time_bucket(interval, timestamp[, origin]): the start of the bucket that holds the timestamp. */
function timeBucket(call: FunctionCall): FunctionResult {
  const [width, value, from] = call.args as [Typed, Typed, Typed | undefined];
  const isVoid = (one: Typed) => one.type.kind === 'void';
  if (!isVoid(width) && !isInterval(width.type)) throw wrongInput(width, 'an interval');
  const zoned = value.type.kind === 'timestamp' || isVoid(value);
  if (!zoned && value.type.kind !== 'timestamp_ntz') throw wrongInput(value, 'a timestamp');
  const result: DataType = zoned ? type.timestamp : type.ntz;
  if (from && !isVoid(from) && from.type.kind !== result.kind) throw wrongInput(from, 'a timestamp of the same type');
  if (!width.foldable && !isVoid(width)) throw mismatch('NON_FOLDABLE_INPUT', 'The interval must be a constant.');
  const inZone = zoned && !isUtc(call.session);
  // Days and months are those of the session zone's calendar.
  if (inZone && !isYearMonth(width.type) && !(width.type.kind === 'interval' && width.type.end === 'day'))
    throw unsupported(call, 'hours and less in a session zone other than UTC are not supported.');
  const stamp = arg(call, 1, result);
  const origin = from && arg(call, 2, result);
  const local = (one: Typed): Sql => sql`epoch_us(${inZone ? wallClock(one.sql, call.session) : one.sql})`;
  const start = origin ? local(origin) : sql`0`;
  const months = isYearMonth(width.type);
  const size = isVoid(width) ? sql`CAST(NULL AS BIGINT)` : sql`CAST(${width.sql} AS BIGINT)`;
  const micros = sql`spark_time_bucket(${size}, ${local(stamp)}, ${start}, ${months ? 'TRUE' : 'FALSE'})`;
  const made = inZone
    ? instantOf(sql`make_timestamp(${micros})`, call.session)
    : sql`${zoned ? 'make_timestamptz' : 'make_timestamp'}(${micros})`;
  const epoch = `${zoned ? 'TIMESTAMP' : 'TIMESTAMP_NTZ'} '1970-01-01 00:00:00'`;
  return {
    ...derive([width, stamp, ...(origin ? [origin] : [])], made, result),
    name: `time_bucket(${width.name}, ${value.name}, ${from?.name ?? epoch})`,
  };
}

/** convert_timezone([source, ]target, timestamp): a wall clock of one zone as that of another. */
function convertTimezone(call: FunctionCall): FunctionResult {
  const named = call.args.length === 3;
  const source = named ? arg(call, 0, type.string) : undefined;
  const target = arg(call, named ? 1 : 0, type.string);
  const stamp = arg(call, named ? 2 : 1, type.ntz);
  const session = sql`'${call.session.timeZone.replaceAll("'", "''")}'`;
  const instant = sql`spark_to_instant(epoch_us(${stamp.sql}), ${source?.sql ?? session})`;
  const shown = [source?.name ?? 'current_timezone()', target.name, stamp.name].join(', ');
  return {
    ...derive(
      [...(source ? [source] : []), target, stamp],
      sql`make_timestamp(spark_to_wall(${instant}, ${target.sql}))`,
      type.ntz,
    ),
    name: `convert_timezone(${shown})`,
  };
}

export const bucketRows: FunctionRow[] = [
  row('time_bucket', 2, 3, timeBucket),
  row('convert_timezone', 2, 3, convertTimezone),
];
