import type { DataType, IntervalUnit } from '@boathouse/contracts';

const MICROS = { day: 86_400_000_000n, hour: 3_600_000_000n, minute: 60_000_000n, second: 1_000_000n };
const yearMonth: IntervalUnit[] = ['year', 'month'];

const two = (value: bigint): string => String(value).padStart(2, '0');

/** `5` or `5.25`: seconds with their fraction, without trailing zeros. */
function secondsText(micros: bigint, pad: boolean): string {
  const whole = micros / MICROS.second;
  const fraction = micros % MICROS.second;
  const text = pad ? two(whole) : String(whole);
  return fraction === 0n ? text : `${text}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

/** Spark's ANSI text: `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '-1 02:03:04.5' DAY TO SECOND`. */
function ansiText(start: IntervalUnit, end: IntervalUnit, months: number, micros: bigint): string {
  const units = start === end ? start.toUpperCase() : `${start.toUpperCase()} TO ${end.toUpperCase()}`;
  if (yearMonth.includes(start)) {
    const sign = months < 0 ? '-' : '';
    const size = Math.abs(months);
    const body =
      start === 'month'
        ? String(size)
        : end === 'year'
          ? String(Math.trunc(size / 12))
          : `${Math.trunc(size / 12)}-${size % 12}`;
    return `INTERVAL '${sign}${body}' ${units}`;
  }
  const sign = micros < 0n ? '-' : '';
  let rest = micros < 0n ? -micros : micros;
  const order = ['day', 'hour', 'minute', 'second'] as const;
  const from = order.indexOf(start as (typeof order)[number]);
  const to = order.indexOf(end as (typeof order)[number]);
  let body = '';
  for (let i = from; i <= to; i++) {
    const unit = order[i]!;
    const separator = i === from ? '' : order[i - 1] === 'day' ? ' ' : ':';
    if (unit === 'second') body += separator + secondsText(rest, true);
    else {
      const value = rest / MICROS[unit];
      rest %= MICROS[unit];
      body += separator + (i === from && unit === 'day' ? String(value) : two(value));
    }
  }
  return `INTERVAL '${sign}${body}' ${units}`;
}

/** Spark's text of a calendar interval: `1 years 2 months 3 days 4 hours`. */
function calendarText(months: number, days: number, micros: bigint): string {
  const parts: string[] = [];
  const push = (value: bigint | number, unit: string) => {
    if (value !== 0 && value !== 0n) parts.push(`${value} ${unit}`);
  };
  push(Math.trunc(months / 12), 'years');
  push(months % 12, 'months');
  push(days, 'days');
  push(micros / MICROS.hour, 'hours');
  push((micros % MICROS.hour) / MICROS.minute, 'minutes');
  const seconds = micros % MICROS.minute;
  if (seconds !== 0n)
    parts.push(`${seconds < 0n ? '-' : ''}${secondsText(seconds < 0n ? -seconds : seconds, false)} seconds`);
  return parts.length ? parts.join(' ') : '0 seconds';
}

/** Text of an interval value (months, days, microseconds) as `CAST(… AS STRING)` gives it in Spark. */
export function intervalText(
  type: DataType & { kind: 'interval' | 'calendar_interval' },
  months: number,
  days: number,
  micros: bigint,
): string {
  if (type.kind === 'calendar_interval') return calendarText(months, days, micros);
  return ansiText(type.start, type.end, months, BigInt(days) * MICROS.day + micros);
}
