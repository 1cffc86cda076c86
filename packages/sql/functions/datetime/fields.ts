import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { daysOf, microsOf, monthsOf } from '../../types/calendar-interval.ts';
import { wrongInput } from '../../types/implicit.ts';
import { constantText, derive, isInterval, mismatch } from '../../types/index.ts';
import { decimal, isYearMonth } from '../../types/numeric.ts';
import { row, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { dateArg, wallArg } from './arguments.ts';
import { partOfTime } from './time.ts';

const datePart: Record<string, (date: Sql) => Sql> = {
  year: (d) => sql`year(${d})`,
  yearofweek: (d) => sql`isoyear(${d})`,
  quarter: (d) => sql`quarter(${d})`,
  month: (d) => sql`month(${d})`,
  week: (d) => sql`weekofyear(${d})`,
  day: (d) => sql`day(${d})`,
  dayofweek: (d) => sql`(dayofweek(${d}) + 1)`,
  dayofweek_iso: (d) => sql`isodow(${d})`,
  weekday: (d) => sql`(isodow(${d}) - 1)`,
  doy: (d) => sql`dayofyear(${d})`,
};
const timePart: Record<string, (wall: Sql) => Sql> = {
  hour: (t) => sql`hour(${t})`,
  minute: (t) => sql`minute(${t})`,
  wholeSecond: (t) => sql`second(${t})`,
};

/** Every spelling of a field of EXTRACT, date_part and datepart. */
const spellings: Record<string, string[]> = {
  year: ['year', 'y', 'years', 'yr', 'yrs'],
  yearofweek: ['yearofweek'],
  quarter: ['quarter', 'qtr'],
  month: ['month', 'mon', 'mons', 'months'],
  week: ['week', 'w', 'weeks'],
  day: ['day', 'd', 'days'],
  dayofweek: ['dayofweek', 'dow'],
  dayofweek_iso: ['dayofweek_iso', 'dow_iso'],
  doy: ['doy'],
  hour: ['hour', 'h', 'hours', 'hr', 'hrs'],
  minute: ['minute', 'm', 'min', 'mins', 'minutes'],
  second: ['second', 's', 'sec', 'seconds', 'secs'],
};
const fieldBySpelling = new Map(
  Object.entries(spellings).flatMap(([field, names]) => names.map((name) => [name, field] as const)),
);

const secondsType = decimal(8, 6);
const secondsOf = (micros: Sql): Sql => sql`CAST((CAST((${micros}) AS DOUBLE) / 1000000) AS DECIMAL(8,6))`;

const ofDate = (call: FunctionCall, index: number, field: string): FunctionResult => {
  const value = dateArg(call, index);
  return derive([value], sql`CAST(${datePart[field]!(value.sql)} AS INTEGER)`, type.int);
};
const ofTime = (call: FunctionCall, index: number, field: string): FunctionResult => {
  const part = partOfTime(call, index, field);
  if (part) return part;
  const value = wallArg(call, index);
  return derive([value], sql`CAST(${timePart[field]!(value.sql)} AS INTEGER)`, type.int);
};

const dayMicros = { day: '86400000000', hour: '3600000000', minute: '60000000' };

function ofInterval(value: Typed, field: string): FunctionResult {
  const tiny: DataType = type.tinyint;
  const refuse = () =>
    mismatch('INVALID_EXTRACT_FIELD', `An interval of the type ${typeText(value.type)} has no field ${field}.`);
  if (isYearMonth(value.type)) {
    if (field === 'year') return derive([value], sql`CAST((${value.sql} // 12) AS INTEGER)`, type.int);
    if (field === 'month') return derive([value], sql`CAST((${value.sql} % 12) AS TINYINT)`, tiny);
    throw refuse();
  }
  switch (field) {
    case 'day':
      return derive([value], sql`CAST((${value.sql} // ${dayMicros.day}) AS INTEGER)`, type.int);
    case 'hour':
      return derive([value], sql`CAST(((${value.sql} % ${dayMicros.day}) // ${dayMicros.hour}) AS TINYINT)`, tiny);
    case 'minute':
      return derive([value], sql`CAST(((${value.sql} % ${dayMicros.hour}) // ${dayMicros.minute}) AS TINYINT)`, tiny);
    case 'second':
      return derive([value], secondsOf(sql`(${value.sql} % ${dayMicros.minute})`), secondsType);
    default:
      throw refuse();
  }
}

function ofCalendar(value: Typed, field: string): FunctionResult {
  const of = (text: Sql, to: DataType = type.tinyint) => derive([value], text, to);
  const text = value.sql;
  switch (field) {
    case 'year':
      return of(sql`CAST((${monthsOf(text)} // 12) AS INTEGER)`, type.int);
    case 'month':
      return of(sql`CAST((${monthsOf(text)} % 12) AS TINYINT)`);
    case 'day':
      return of(sql`CAST((${daysOf(text)} + ${microsOf(text)} // ${dayMicros.day}) AS INTEGER)`, type.int);
    case 'hour':
      return of(sql`CAST(((${microsOf(text)} % ${dayMicros.day}) // ${dayMicros.hour}) AS TINYINT)`);
    case 'minute':
      return of(sql`CAST(((${microsOf(text)} % ${dayMicros.hour}) // ${dayMicros.minute}) AS TINYINT)`);
    case 'second':
      return of(secondsOf(sql`(${microsOf(text)} % ${dayMicros.minute})`), secondsType);
    default:
      throw Object.assign(wrongInput(value, 'a source with this field'), { code: 'INVALID_EXTRACT_FIELD' });
  }
}

/** EXTRACT(field FROM source), date_part(field, source). */
function extract(call: FunctionCall): FunctionResult {
  const [unit, source] = call.args as [Typed, Typed];
  const written = constantText(unit);
  if (unit.type.kind === 'void') return derive([source], sql`CAST(NULL AS DOUBLE)`, type.double, true);
  if (written === undefined) {
    if (!unit.foldable)
      throw userError('NON_FOLDABLE_ARGUMENT', 'The field must be a constant.', { sqlState: '42K08' });
    throw unsupported(call, 'the field must be a string literal.');
  }
  const field = fieldBySpelling.get(written.toLowerCase());
  if (!field) throw Object.assign(wrongInput(source, 'a source with this field'), { code: 'INVALID_EXTRACT_FIELD' });
  if (isInterval(source.type)) return ofInterval(source, field);
  if (source.type.kind === 'calendar_interval') return ofCalendar(source, field);
  if (source.type.kind === 'time') return partOfTime(call, 1, field)!;
  if (field === 'second') {
    const wall = wallArg(call, 1);
    return derive([wall], secondsOf(sql`microsecond(${wall.sql})`), secondsType);
  }
  return field in timePart ? ofTime(call, 1, field) : ofDate(call, 1, field);
}

/** Spark reads the first argument and ignores any others. */
const clock = (name: string, field: string): FunctionRow =>
  row(name, 1, Number.POSITIVE_INFINITY, (call) => ({
    ...ofTime(call, 0, field),
    name: `${name}(${call.args[0]!.name})`,
  }));

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pick = (names: string[], index: Sql): Sql =>
  sql`list_extract([${names.map((name) => `'${name}'`).join(', ')}], ${index})`;

export const fieldFunctions: FunctionRow[] = [
  ...['year', 'quarter', 'month', 'weekday', 'dayofweek'].map((name) =>
    row(name, 1, 1, (call) => ofDate(call, 0, name)),
  ),
  ...['day', 'dayofmonth'].map((name) => row(name, 1, 1, (call) => ofDate(call, 0, 'day'))),
  row('dayofyear', 1, 1, (call) => ofDate(call, 0, 'doy')),
  row('weekofyear', 1, 1, (call) => ofDate(call, 0, 'week')),
  clock('hour', 'hour'),
  clock('minute', 'minute'),
  clock('second', 'wholeSecond'),
  row('extract', 2, 2, (call) => ({
    ...extract(call),
    name: `extract(${call.args[0]!.name} FROM ${call.args[1]!.name})`,
  })),
  row('date_part', 2, 2, extract),
  row('datepart', 2, 2, (call) => ({
    ...extract(call),
    name: `datepart(${call.args[0]!.name} FROM ${call.args[1]!.name})`,
  })),
  row('dayname', 1, 1, (call) => {
    const date = dateArg(call, 0);
    return derive([date], pick(dayNames, sql`dayofweek(${date.sql}) + 1`), type.string);
  }),
  row('monthname', 1, 1, (call) => {
    const date = dateArg(call, 0);
    return derive([date], pick(monthNames, sql`month(${date.sql})`), type.string);
  }),
];
