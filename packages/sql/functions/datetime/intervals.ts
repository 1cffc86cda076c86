import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { derive } from '../../types/index.ts';
import { arg, callSql, row, type } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const dayToSecond: DataType = { kind: 'interval', start: 'day', end: 'second' };
const yearToMonth: DataType = { kind: 'interval', start: 'year', end: 'month' };
const seconds: DataType = { kind: 'decimal', precision: 18, scale: 6 };

/** make_dt_interval([days[, hours[, minutes[, seconds]]]]) in microseconds. */
function dayTime(call: FunctionCall): FunctionResult {
  const values = call.args.map((_, index) => arg(call, index, index === 3 ? seconds : type.int));
  const part = (index: number, factor: string) =>
    values[index] ? sql`CAST(${values[index].sql} AS HUGEINT) * ${factor}` : sql`0`;
  const fraction = values[3] ? sql`CAST((${values[3].sql} * 1000000) AS HUGEINT)` : sql`0`;
  const total = sql`CAST((${part(0, '86400000000')} + ${part(1, '3600000000')} + ${part(2, '60000000')} + ${fraction}) AS BIGINT)`;
  const shown = [0, 1, 2].map((index) => values[index]?.name ?? '0').concat(values[3]?.name ?? '0.000000');
  return { ...derive(values, total, dayToSecond), name: `make_dt_interval(${shown.join(', ')})` };
}

/** make_ym_interval([years[, months]]) in months. */
function yearMonth(call: FunctionCall): FunctionResult {
  const values = call.args.map((_, index) => arg(call, index, type.int));
  const total = sql`CAST((CAST(${values[0]?.sql ?? '0'} AS BIGINT) * 12 + ${values[1]?.sql ?? '0'}) AS INTEGER)`;
  return {
    ...derive(values, total, yearToMonth),
    name: `make_ym_interval(${values[0]?.name ?? '0'}, ${values[1]?.name ?? '0'})`,
  };
}

/** make_interval([years[, months[, weeks[, days[, hours[, minutes[, seconds]]]]]]]): months, days and microseconds. */
const calendar = (tried: boolean) =>
  function build(call: FunctionCall): FunctionResult {
    const values = call.args.map((_, index) => arg(call, index, index === 6 ? seconds : type.int));
    const part = (index: number): Sql => values[index]?.sql ?? ['0'];
    const sum = `spark_${tried ? 'try_' : ''}interval_sum`;
    const months = callSql(sum, part(0), '12', part(1));
    const days = callSql(sum, part(2), '7', part(3));
    const clock = sql`CAST(${part(4)} AS BIGINT) * 3600000000 + CAST(${part(5)} AS BIGINT) * 60000000`;
    const fraction = values[6] ? sql`CAST((${values[6].sql} * 1000000) AS BIGINT)` : sql`0`;
    const text = sql`(to_months(${months}) + to_days(${days}) + to_microseconds(${clock} + ${fraction}))`;
    const shown = [0, 1, 2, 3, 4, 5].map((index) => values[index]?.name ?? '0').concat(values[6]?.name ?? '0.000000');
    return {
      ...derive(values, text, { kind: 'calendar_interval' }, tried || values.some((value) => value.nullable)),
      name: `${call.name}(${shown.join(', ')})`,
    };
  };

export const intervalRows: FunctionRow[] = [
  row('make_dt_interval', 0, 4, dayTime),
  row('make_ym_interval', 0, 2, yearMonth),
  row('make_interval', 0, 7, calendar(false)),
  row('try_make_interval', 1, 7, calendar(true)),
];
