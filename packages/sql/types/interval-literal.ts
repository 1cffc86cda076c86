import type { DataType, IntervalUnit } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { IntervalLiteral } from '../ast/index.ts';
import { intervalText } from '../functions/engine/time-text.ts';

const monthUnits: Record<string, bigint> = { year: 12n, month: 1n };
const microUnits: Record<string, bigint> = {
  week: 604_800_000_000n,
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1000n,
  microsecond: 1n,
};
const order: IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
/** Which field of an interval type a unit of the long form belongs to. */
const fieldOf: Record<string, IntervalUnit> = { week: 'day', millisecond: 'second', microsecond: 'second' };

const malformed = (text: string) =>
  userError(
    'INVALID_INTERVAL_FORMAT',
    `'${text}' is not an interval. Write it like INTERVAL '1' DAY or INTERVAL 2 HOURS.`,
    { sqlState: '22006' },
  );

/**
 * An interval literal of one family: months (INTEGER) or microseconds (BIGINT) inside the engine. A mix of both families is
 * refused as in Spark.
 */
export function intervalLiteral(value: IntervalLiteral['value']): Typed {
  switch (value.form) {
    case 'range':
      return value.from === value.to
        ? fromParts([{ value: value.text, unit: value.from }], value.negative)
        : fromRange(value);
    case 'units':
      return fromParts(value.parts, false);
    case 'text':
      return fromParts(partsOf(value.text), false);
  }
}

function partsOf(text: string): { value: string; unit: string }[] {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, '')
    .split(/\s+/);
  const parts: { value: string; unit: string }[] = [];
  if (words.length % 2 !== 0) throw malformed(text);
  for (let at = 0; at < words.length; at += 2)
    parts.push({ value: words[at]!, unit: words[at + 1]!.replace(/s$/, '') });
  return parts;
}

function build(total: bigint, start: IntervalUnit, end: IntervalUnit): Typed {
  const type: DataType = { kind: 'interval', start, end };
  const months = start === 'year' || start === 'month';
  const limit = months ? 2n ** 31n : 2n ** 63n;
  if (total >= limit || total < -limit) throw malformed(String(total));
  const sql = months ? `CAST('${total}' AS INTEGER)` : `CAST('${total}' AS BIGINT)`;
  return { sql: [sql], type, nullable: false, name: intervalText(total, `${start} ${end}`), foldable: true };
}

function scaled(text: string, unit: string, factor: bigint): bigint {
  const match = /^([+-]?)(\d+)(?:\.(\d{0,9}))?$/.exec(text.trim());
  if (!match || (match[3] !== undefined && unit !== 'second')) throw malformed(`${text} ${unit}`);
  const micros = BigInt((match[3] ?? '').padEnd(6, '0').slice(0, 6));
  const size = BigInt(match[2]!) * factor + micros;
  return match[1] === '-' ? -size : size;
}

function fromParts(parts: { value: string; unit: string }[], negative: boolean): Typed {
  const months = parts.some((part) => part.unit in monthUnits);
  const table = months ? monthUnits : microUnits;
  if (parts.length === 0) throw malformed('');
  if (parts.some((part) => !(part.unit in table))) {
    throw userError(
      'INVALID_INTERVAL_FORMAT',
      'An interval literal holds either years and months, or days to seconds, not both. Write two intervals.',
      { sqlState: '22006' },
    );
  }
  const total = parts.reduce((sum, part) => sum + scaled(part.value, part.unit, table[part.unit]!), 0n);
  const fields = parts.map((part) => order.indexOf(fieldOf[part.unit] ?? (part.unit as IntervalUnit)));
  return build(negative ? -total : total, order[Math.min(...fields)]!, order[Math.max(...fields)]!);
}

const ranges: Record<string, RegExp> = {
  'year month': /^([+-]?)(\d+)-(\d+)$/,
  'day hour': /^([+-]?)(\d+) (\d{1,2})$/,
  'day minute': /^([+-]?)(\d+) (\d{1,2}):(\d{1,2})$/,
  'day second': /^([+-]?)(\d+) (\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)$/,
  'hour minute': /^([+-]?)(\d+):(\d{1,2})$/,
  'hour second': /^([+-]?)(\d+):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)$/,
  'minute second': /^([+-]?)(\d+):(\d{1,2}(?:\.\d{1,9})?)$/,
};
const limits: Partial<Record<IntervalUnit, number>> = { month: 11, hour: 23, minute: 59, second: 59.9999999999 };

function fromRange(value: Extract<IntervalLiteral['value'], { form: 'range' }>): Typed {
  const match = ranges[`${value.from} ${value.to}`]?.exec(value.text.trim());
  if (!match) throw malformed(value.text);
  const fields = order.slice(order.indexOf(value.from), order.indexOf(value.to) + 1);
  let total = 0n;
  fields.forEach((field, index) => {
    const text = match[index + 2]!;
    if (index > 0 && Number(text) > limits[field]!) throw malformed(value.text);
    total += scaled(text, field, monthUnits[field] ?? microUnits[field]!);
  });
  const negative = (match[1] === '-') !== value.negative;
  return build(negative ? -total : total, value.from, value.to);
}
