import { userError } from '@boathouse/contracts';
import { civil, daysOf, offsetAt, splitMicros } from './calendar.ts';
import {
  dayNames,
  type Field,
  monthNames,
  type NumberStep,
  type OffsetStyle,
  patternSteps,
  type Step,
} from './pattern.ts';
import { zoneText } from './pattern-zone.ts';
import { requireZone, type Zone } from './zone-id.ts';

interface Moment {
  fields: Record<Exclude<Field, 'offset'>, number>;
  offset: number;
  zone: Zone;
  /** Seconds since the epoch. */
  instant: number;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function momentOf(instant: bigint, zoneId: string): Moment {
  const zone = requireZone(zoneId);
  const { days: utcDays, time: utcTime } = splitMicros(instant);
  const seconds = utcDays * 86_400 + Number(utcTime / 1_000_000n);
  const offset = offsetAt(zoneId, seconds);
  const { days, time } = splitMicros(instant + BigInt(offset) * 1_000_000n);
  const { year, month, day } = civil(days);
  const clock = Number(time / 1_000_000n);
  const hour = Math.floor(clock / 3600);
  const fields = {
    era: year > 0 ? 1 : 0,
    yearOfEra: year > 0 ? year : 1 - year,
    year,
    quarter: Math.floor((month - 1) / 3) + 1,
    month,
    dayOfYear: days - daysOf(year, 1, 1) + 1,
    day,
    weekOfMonth: ((day - 1) % 7) + 1,
    weekday: ((((days + 3) % 7) + 7) % 7) + 1,
    half: hour < 12 ? 0 : 1,
    hour,
    clockHour: hour === 0 ? 24 : hour,
    hourOfHalf: hour % 12,
    clockHourOfHalf: hour % 12 === 0 ? 12 : hour % 12,
    minute: Math.floor(clock / 60) % 60,
    second: clock % 60,
    nano: Number(time % 1_000_000n) * 1000,
    julianDay: days + 40_587,
  };
  return { fields, offset, zone, instant: seconds };
}

function numberText(step: NumberStep, value: number): string {
  if (step.reduced) return pad(Math.abs(value) % 100, 2);
  const digits = String(Math.abs(value));
  if (digits.length > step.max || (value < 0 && step.sign === 'never'))
    throw userError('INVALID_DATETIME_PATTERN.LENGTH', `The value ${value} does not fit ${step.max} digits.`, {
      sqlState: '22007',
    });
  const sign = value < 0 ? '-' : step.sign === 'exceeds' && digits.length > step.min ? '+' : '';
  return sign + digits.padStart(step.min, '0');
}

const quarterNames = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'];
const names: Record<string, (value: number, full: boolean) => string> = {
  era: (value, full) => (value === 1 ? (full ? 'Anno Domini' : 'AD') : full ? 'Before Christ' : 'BC'),
  quarter: (value, full) => (full ? quarterNames[value - 1]! : `Q${value}`),
  month: (value, full) => (full ? monthNames[value - 1]! : monthNames[value - 1]!.slice(0, 3)),
  weekday: (value, full) => (full ? dayNames[value - 1]! : dayNames[value - 1]!.slice(0, 3)),
  half: (value) => (value === 0 ? 'AM' : 'PM'),
};

function offsetText(offset: number, style: OffsetStyle, zero: string): string {
  if (offset === 0) return zero;
  const size = Math.abs(offset);
  const [hours, minutes, seconds] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const colon = style.includes(':') ? ':' : '';
  const withMinutes = style !== 'HHmm' || minutes > 0;
  const withSeconds = style.endsWith('ss') && seconds > 0;
  if (hours === 0 && !(withMinutes && minutes) && !withSeconds) return zero;
  return `${offset < 0 ? '-' : '+'}${pad(hours, 2)}${withMinutes ? colon + pad(minutes, 2) : ''}${withSeconds ? colon + pad(seconds, 2) : ''}`;
}

function localOffsetText(offset: number, full: boolean): string {
  if (offset === 0) return 'GMT';
  const size = Math.abs(offset);
  const [hours, minutes, seconds] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const rest = seconds ? `:${pad(minutes, 2)}:${pad(seconds, 2)}` : full || minutes ? `:${pad(minutes, 2)}` : '';
  return `GMT${offset < 0 ? '-' : '+'}${full ? pad(hours, 2) : hours}${rest}`;
}

function write(step: Step, moment: Moment): string {
  switch (step.kind) {
    case 'literal':
      return step.text;
    case 'number':
      return numberText(step, step.field === 'offset' ? moment.offset : moment.fields[step.field]);
    case 'fraction':
      return pad(moment.fields.nano, 9).slice(0, step.max);
    case 'text':
      return names[step.field]!(moment.fields[step.field], step.full);
    case 'offset':
      return offsetText(moment.offset, step.style, step.zero);
    case 'localOffset':
      return localOffsetText(moment.offset, step.full);
    case 'zoneId':
      return moment.zone.id;
    case 'zoneText':
      return zoneText(moment.zone, moment.instant, step.full, step.generic);
    case 'optional':
      return step.steps.map((inner) => write(inner, moment)).join('');
  }
}

/** An instant (microseconds) as text by a pattern, in a zone. Throws as `patternSteps`, and INVALID_TIMEZONE. */
export function formatInstant(instant: bigint, zone: string, pattern: string): string {
  const steps = patternSteps(pattern, 'format');
  const moment = momentOf(instant, zone);
  return steps.map((step) => write(step, moment)).join('');
}
