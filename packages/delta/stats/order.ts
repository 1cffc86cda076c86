import type { SimpleKind } from '@boathouse/contracts';
import { compareBytes } from './bytes.ts';

/**
 * Values of one type on one line: texts and JSON values of statistics, partitions and predicates become points that
 * compare as the type does. Null from `point` means "cannot tell", and nothing is pruned by it.
 */
export type Point =
  | { order: 'exact'; unscaled: bigint; scale: number }
  | { order: 'double'; value: number }
  | { order: 'bytes'; text: string };

export type Bound = 'min' | 'max' | 'value';

/** `type`: a leaf's kind. A bound is widened where writers store less than they saw. */
export function point(kind: SimpleKind | 'decimal' | 'char' | 'varchar', value: unknown, bound: Bound): Point | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean')
    return null;
  const text = String(value);
  switch (kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
      return decimalPoint(text);
    case 'float':
    case 'double':
      return doublePoint(text, kind, bound);
    case 'string':
    case 'char':
    case 'varchar':
      return { order: 'bytes', text };
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { order: 'exact', unscaled: text === 'true' ? 1n : 0n, scale: 0 }
        : null;
    case 'date': {
      const days = dateDays(text);
      return days === null ? null : { order: 'exact', unscaled: BigInt(days), scale: 0 };
    }
    case 'timestamp':
    case 'timestamp_ntz': {
      const micros = timestampMicros(text);
      if (micros === null) return null;
      // Statistics are cut to milliseconds: the greatest value may lie up to 999 µs above what is stored.
      return { order: 'exact', unscaled: bound === 'max' ? micros + 999n : micros, scale: 0 };
    }
    default:
      return null;
  }
}

function decimalPoint(text: string): Point | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const fraction = match[3] ?? '';
  let unscaled = BigInt(match[2]! + fraction);
  let scale = fraction.length - Number(match[4] ?? 0);
  if (scale < 0) {
    unscaled *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return { order: 'exact', unscaled: match[1] === '-' ? -unscaled : unscaled, scale };
}

function doublePoint(text: string, kind: 'float' | 'double', bound: Bound): Point | null {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return null;
  if (kind === 'double' || bound === 'value') return { order: 'double', value };
  // The text of a 32-bit float is shorter than its value as a double: the bound gives way by more than that difference.
  const slack = Math.abs(value) * 1e-6 + 1e-44;
  return { order: 'double', value: bound === 'min' ? value - slack : value + slack };
}

/** Days since 1970 of `yyyy-MM-dd`, or null. */
export function dateDays(text: string): number | null {
  const match = /^(\d{4,})-(\d{2})-(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const ms = utcMs(Number(match[1]), Number(match[2]), Number(match[3]), 0, 0, 0);
  return ms === null ? null : ms / 86_400_000;
}

/** Microseconds since 1970 of `yyyy-MM-dd[T ]HH:mm:ss[.f][zone]`; without a zone the text is taken as UTC. Null: no such form. */
export function timestampMicros(text: string): bigint | null {
  const match =
    /^(\d{4,})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(
      text.trim(),
    );
  if (!match) return null;
  const ms = utcMs(
    Number(match[1]),
    Number(match[2]),
    Number(match[3]),
    Number(match[4] ?? 0),
    Number(match[5] ?? 0),
    Number(match[6] ?? 0),
  );
  if (ms === null) return null;
  const micros = BigInt((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const zone = match[8];
  let offsetMinutes = 0;
  if (zone && zone !== 'Z') {
    const digits = zone.slice(1).replace(':', '');
    offsetMinutes = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)) * (zone[0] === '-' ? -1 : 1);
  }
  return BigInt(ms - offsetMinutes * 60_000) * 1000n + micros;
}

function utcMs(year: number, month: number, day: number, hour: number, minute: number, second: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const ms = date.getTime();
  return Number.isNaN(ms) ? null : ms;
}

/** Negative, zero or positive; points of one kind only. */
export function comparePoints(left: Point, right: Point): number {
  if (left.order === 'bytes' && right.order === 'bytes') return compareBytes(left.text, right.text);
  if (left.order === 'double' && right.order === 'double') return left.value - right.value || 0;
  if (left.order === 'exact' && right.order === 'exact') {
    const scale = Math.max(left.scale, right.scale);
    const a = left.unscaled * 10n ** BigInt(scale - left.scale);
    const b = right.unscaled * 10n ** BigInt(scale - right.scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  throw new Error('points of different kinds were compared');
}
