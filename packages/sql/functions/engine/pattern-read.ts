import type { Field, NumberStep, OffsetStyle, Step } from './pattern.ts';
import { monthNames } from './pattern.ts';
import { offsetAtText } from './pattern-offset.ts';
import { readZoneId, readZoneText } from './pattern-zone.ts';
import { offsetId } from './zone-id.ts';

/** Fields as read, before they are resolved, and the id of a zone that the text names. */
export interface Parsed {
  fields: Map<Field, number>;
  zone?: string;
}

/** Reads all of a text by steps as Java's strict parser does, without case; undefined where it does not follow them. */
export function readSteps(steps: readonly Step[], text: string): Parsed | undefined {
  const reader = new Reader(text);
  if (reader.all(steps, 0) !== text.length) return undefined;
  const { fields, zone } = reader;
  const offset = fields.get('offset');
  // Java's offsets end at 18 hours.
  if (offset !== undefined && Math.abs(offset) > 18 * 3600) return undefined;
  const id = zone ?? (offset === undefined ? undefined : offsetId(offset));
  return id === undefined ? { fields } : { fields, zone: id };
}

const shortMonths = monthNames.map((name) => name.slice(0, 3));
const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';

/** Each method takes a position and gives the one behind what it read, or -1. */
class Reader {
  fields = new Map<Field, number>();
  zone: string | undefined;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  all(steps: readonly Step[], start: number): number {
    let at = start;
    for (const step of steps) {
      at = this.step(step, at);
      if (at < 0) return -1;
    }
    return at;
  }

  private set(field: Field, value: number, end: number): number {
    const old = this.fields.get(field);
    if (old !== undefined && old !== value) return -1;
    this.fields.set(field, value);
    return end;
  }

  private startsWith(part: string, at: number): boolean {
    return this.text.slice(at, at + part.length).toLowerCase() === part.toLowerCase();
  }

  private step(step: Step, at: number): number {
    switch (step.kind) {
      case 'literal':
        return this.startsWith(step.text, at) ? at + step.text.length : -1;
      case 'number':
        return this.number(step, at);
      case 'fraction':
        return this.fraction(step.min, step.max, at);
      case 'text':
        return this.name(step.field, step.full, at);
      case 'offset':
        return this.offset(step.style, step.zero, at);
      case 'localOffset':
        return this.localOffset(step.full, at);
      case 'zoneId':
        return this.zoned(readZoneId(this.text, at));
      case 'zoneText':
        return this.zoned(readZoneText(this.text, at, step.full));
      case 'optional':
        return this.optional(step.steps, at);
    }
  }

  private optional(steps: readonly Step[], at: number): number {
    const [fields, zone] = [new Map(this.fields), this.zone];
    const end = this.all(steps, at);
    if (end >= 0) return end;
    this.fields = fields;
    this.zone = zone;
    return at;
  }

  private zoned(read: { zone: string; end: number } | undefined): number {
    if (!read) return -1;
    this.zone = read.zone;
    return read.end;
  }

  private digitsEnd(from: number, limit: number): number {
    let end = from;
    while (end < limit && isDigit(this.text[end])) end++;
    return end;
  }

  private number(step: NumberStep, start: number): number {
    const { text } = this;
    let at = start;
    const sign = text[at];
    if (sign === '+' || sign === '-') {
      if (step.sign === 'never' || (step.sign === 'normal' && sign === '+')) return -1;
      at++;
    }
    let end = this.digitsEnd(at, Math.min(text.length, at + step.max + Math.max(step.follow, 0)));
    if (end - at < step.min) return -1;
    if (step.follow > 0) end = at + Math.min(step.max, Math.max(step.min, end - at - step.follow));
    const size = end - at;
    if (size > 15) return -1;
    let value = Number(text.slice(at, end));
    if (sign === '-') {
      if (value === 0) return -1;
      value = -value;
    } else if (step.sign === 'exceeds' && (sign === '+' ? size <= step.min : size > step.min)) return -1;
    if (step.reduced && size === 2 && value >= 0) value += 2000;
    return this.set(step.field, value, end);
  }

  private fraction(min: number, max: number, at: number): number {
    const end = this.digitsEnd(at, Math.min(this.text.length, at + max));
    if (end - at < min) return -1;
    return this.set('nano', Number(this.text.slice(at, end).padEnd(9, '0')), end);
  }

  private name(field: string, full: boolean, at: number): number {
    const pick = (list: readonly string[]) => list.findIndex((one) => this.startsWith(one, at));
    if (field === 'month') {
      const list = full ? monthNames : shortMonths;
      const index = pick(list);
      return index < 0 ? -1 : this.set('month', index + 1, at + list[index]!.length);
    }
    const list = field === 'half' ? ['AM', 'PM'] : full ? ['Before Christ', 'Anno Domini'] : ['BC', 'AD'];
    const index = pick(list);
    return index < 0 ? -1 : this.set(field === 'half' ? 'half' : 'era', index, at + list[index]!.length);
  }

  private offset(style: OffsetStyle, zero: string, at: number): number {
    if (this.startsWith(zero, at) && at < this.text.length) return this.set('offset', 0, at + zero.length);
    const read = offsetAtText(this.text, at, style);
    return read ? this.set('offset', read.seconds, read.end) : -1;
  }

  private localOffset(full: boolean, at: number): number {
    if (!this.startsWith('GMT', at)) return -1;
    const from = at + 3;
    const sign = this.text[from];
    if (sign !== '+' && sign !== '-') return this.set('offset', 0, from);
    const source = full ? /^(\d\d):(\d\d)(?::(\d\d))?/ : /^(\d\d?)(?::(\d\d)(?::(\d\d))?)?/;
    const match = source.exec(this.text.slice(from + 1));
    if (!match) return -1;
    const seconds = Number(match[1]) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
    return this.set('offset', sign === '-' ? -seconds : seconds, from + 1 + match[0].length);
  }
}
