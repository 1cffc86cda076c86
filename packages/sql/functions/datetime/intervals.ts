import type { DataType } from '@boathouse/contracts';
import { sql } from '../../emit/text.ts';
import { derive } from '../../types/index.ts';
import { arg, type } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { row } from './arguments.ts';

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

export const intervalRows: FunctionRow[] = [
  row('make_dt_interval', 0, 4, dayTime),
  row('make_ym_interval', 0, 2, yearMonth),
];
