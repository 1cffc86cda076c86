import { userError } from '@boathouse/contracts';
import { microsPerDay } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { trimAll, withTry } from './number-text.ts';

/** Intervals of text and numbers: months (year-month), microseconds (day-time), or both with days between (calendar). */
const units: Record<string, bigint> = {
  year: 12n,
  month: 1n,
  day: microsPerDay,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
};
const limits: Record<string, number> = { month: 11, hour: 23, minute: 59, second: 59 };
const order = ['year', 'month', 'day', 'hour', 'minute', 'second'];

const overflow = (text: string, fields: string) =>
  userError(
    'CAST_OVERFLOW',
    `The value ${text} does not fit in INTERVAL ${fields.toUpperCase()}. Use try_cast to get NULL instead.`,
    { sqlState: '22003' },
  );

/** Year-month intervals are 32 bits wide, day-time ones 64. */
function fitting(total: bigint, fields: string, text: string): bigint {
  const bits = /^(year|month)/.test(fields) ? 32 : 64;
  if (BigInt.asIntN(bits, total) === total) return total;
  throw overflow(text, fields);
}

const unmatched = (text: string, fields: string) => {
  const suffix = /^(year|month)/.test(fields) ? '' : '_WITH_NOTICE';
  return userError(
    `INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING${suffix}`,
    `'${text}' is not an interval of the fields ${fields}. Write it like the text of such an interval, or use try_cast to get NULL.`,
    { sqlState: '22006' },
  );
};

const bodies: Record<string, RegExp> = {
  year: /^(\d+)$/,
  month: /^(\d+)$/,
  'year month': /^(\d+)-(\d+)$/,
  day: /^(\d+)$/,
  hour: /^(\d+)$/,
  minute: /^(\d+)$/,
  second: /^(\d+)(\.\d{1,9})?$/,
  'day hour': /^(\d+) (\d{1,2})$/,
  'day minute': /^(\d+) (\d{1,2}):(\d{1,2})$/,
  'day second': /^(\d+) (\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?$/,
  'hour minute': /^(\d+):(\d{1,2})$/,
  'hour second': /^(\d+):(\d{1,2}):(\d{1,2})(\.\d{1,9})?$/,
  'minute second': /^(\d+):(\d{1,2})(\.\d{1,9})?$/,
};

/** `1-2` or `INTERVAL -'1-2' YEAR TO MONTH` for the fields `year month`; digits behind the sixth of a second are cut. */
export function intervalOfText(text: string, fields: string): bigint {
  const [start, end] = fields.split(' ') as [string, string];
  const names = start === end ? start : `${start}\\s+to\\s+${end}`;
  const trimmed = trimAll(text);
  const literal = new RegExp(`^interval\\s+([+-])?'([+-])?([^']*)'\\s+${names}$`, 'i').exec(trimmed);
  const plain = /^([+-])?(.*)$/s.exec(trimmed)!;
  const body = literal ? literal[3]! : plain[2]!;
  const match = bodies[start === end ? start : fields]!.exec(body);
  if (!match) throw unmatched(text, fields);
  const negative = (literal ? [literal[1], literal[2]] : [plain[1]]).filter((sign) => sign === '-').length === 1;
  let total = 0n;
  for (const [index, field] of order.slice(order.indexOf(start), order.indexOf(end) + 1).entries()) {
    const value = match[index + 1]!;
    if (index > 0 && Number(value) > limits[field]!) {
      throw userError('INVALID_INTERVAL_FORMAT.INTERVAL_PARSING', `${value} is too large for the field ${field}.`, {
        sqlState: '22006',
      });
    }
    total += BigInt(value) * units[field]!;
  }
  const fraction = match.at(-1);
  if (end === 'second' && fraction?.startsWith('.')) total += BigInt(fraction.slice(1).padEnd(6, '0').slice(0, 6));
  return fitting(negative ? -total : total, fields, text);
}

/** A decimal count of the last field, rounded half up to months or microseconds. */
function ofDecimal(text: string, fields: string): bigint {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text)!;
  const fraction = match[3] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt((match[2] || '0') + fraction) * units[fields.split(' ')[1]!]!;
  const rounded = (scaled * 2n + scale) / (scale * 2n);
  return fitting(match[1] === '-' ? -rounded : rounded, fields, text);
}

const calendarUnits: Record<string, { months?: bigint; days?: bigint; micros?: bigint }> = {
  year: { months: 12n },
  month: { months: 1n },
  week: { days: 7n },
  day: { days: 1n },
  hour: { micros: units.hour! },
  minute: { micros: units.minute! },
  second: { micros: units.second! },
  millisecond: { micros: 1000n },
  microsecond: { micros: 1n },
};

/** `1 year -2 weeks 3.5 seconds` as text that the engine reads as an INTERVAL; null for any other text, as in Spark. */
export function calendarOfText(text: string): string | null {
  let rest = trimAll(text).toLowerCase();
  if (/^interval\s/.test(rest)) rest = rest.slice(8).trim();
  if (rest === '') return null;
  const part = /^\s*([+-])?\s*(\d*)(?:\.(\d{0,9}))?\s+([a-z]+?)s?(?=\s|$)/;
  let [months, days, micros] = [0n, 0n, 0n];
  while (rest.trim() !== '') {
    const match = part.exec(rest);
    const unit = match && Object.hasOwn(calendarUnits, match[4]!) ? calendarUnits[match[4]!] : undefined;
    const fraction = match?.[3];
    if (!match || !unit || (match[2] === '' && !fraction)) return null;
    if (fraction !== undefined && match[4] !== 'second') return null;
    const sign = match[1] === '-' ? -1n : 1n;
    const count = BigInt(match[2] || '0') * sign;
    months += count * (unit.months ?? 0n);
    days += count * (unit.days ?? 0n);
    micros += count * (unit.micros ?? 0n) + sign * BigInt((fraction ?? '').padEnd(6, '0').slice(0, 6));
    rest = rest.slice(match[0].length);
  }
  const fits = [
    BigInt.asIntN(32, months) === months,
    BigInt.asIntN(32, days) === days,
    BigInt.asIntN(64, micros) === micros,
  ];
  return fits.every(Boolean) ? `${months} months ${days} days ${micros} microseconds` : null;
}

/** `1 years 2 months 25 days 5 hours 7.5 seconds`: what is zero is left out. */
export function calendarText(months: number, days: number, micros: bigint): string {
  const parts: string[] = [];
  const add = (value: number | bigint, unit: string) => {
    if (Number(value) !== 0) parts.push(`${value} ${unit}`);
  };
  add(Math.trunc(months / 12), 'years');
  add(months % 12, 'months');
  add(days, 'days');
  add(micros / units.hour!, 'hours');
  add((micros % units.hour!) / units.minute!, 'minutes');
  const seconds = micros % units.minute!;
  if (seconds !== 0n) {
    const size = seconds < 0n ? -seconds : seconds;
    const fraction = String(size % 1_000_000n)
      .padStart(6, '0')
      .replace(/0+$/, '');
    parts.push(`${seconds < 0n ? '-' : ''}${size / 1_000_000n}${fraction ? `.${fraction}` : ''} seconds`);
  }
  return parts.length > 0 ? parts.join(' ') : '0 seconds';
}

/** `value * factor + more` as an int. Throws ARITHMETIC_OVERFLOW. */
function intSum(value: number, factor: number, more: number): number {
  const sum = value * factor + more;
  if ((sum | 0) === sum) return sum;
  throw userError('ARITHMETIC_OVERFLOW', 'The interval is too long. Use try_make_interval to get NULL instead.', {
    sqlState: '22003',
  });
}

export const intervalFunctions: EngineFunction[] = [
  ...withTry(
    engineFunction('spark_interval_of', ['VARCHAR', 'VARCHAR'], 'BIGINT', ([text, fields]) =>
      intervalOfText(text as string, fields as string),
    ),
  ),
  ...withTry(
    engineFunction('spark_interval_of_decimal', ['VARCHAR', 'VARCHAR'], 'BIGINT', ([text, fields]) =>
      ofDecimal(text as string, fields as string),
    ),
  ),
  engineFunction('spark_calendar', ['VARCHAR'], 'VARCHAR', ([text]) => calendarOfText(text as string)),
  engineFunction('spark_calendar_text', ['INTEGER', 'INTEGER', 'BIGINT'], 'VARCHAR', ([months, days, micros]) =>
    calendarText(months as number, days as number, micros as bigint),
  ),
  ...withTry(
    engineFunction('spark_interval_sum', ['INTEGER', 'INTEGER', 'INTEGER'], 'INTEGER', ([value, factor, more]) =>
      intSum(value as number, factor as number, more as number),
    ),
  ),
];
