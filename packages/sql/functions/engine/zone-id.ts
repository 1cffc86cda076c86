import { userError } from '@boathouse/contracts';

/** Names of three letters that Java knows besides the regions. */
const shortIds: Record<string, string> = {
  ACT: 'Australia/Darwin',
  AET: 'Australia/Sydney',
  AGT: 'America/Argentina/Buenos_Aires',
  ART: 'Africa/Cairo',
  AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo',
  BST: 'Asia/Dhaka',
  CAT: 'Africa/Harare',
  CNT: 'America/St_Johns',
  CST: 'America/Chicago',
  CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa',
  ECT: 'Europe/Paris',
  IET: 'America/Indiana/Indianapolis',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  MIT: 'Pacific/Apia',
  NET: 'Asia/Yerevan',
  NST: 'Pacific/Auckland',
  PLT: 'Asia/Karachi',
  PNT: 'America/Phoenix',
  PRT: 'America/Puerto_Rico',
  PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal',
  VST: 'Asia/Ho_Chi_Minh',
  EST: '-05:00',
  MST: '-07:00',
  HST: '-10:00',
};

const invalid = (zone: string) =>
  userError(
    'INVALID_TIMEZONE',
    `The time zone '${zone}' is not known. Use a name such as Europe/Berlin or an offset such as +02:00.`,
    { sqlState: '22009' },
  );

/** A zone as Java's ZoneId has it, with the id that Java prints: seconds east of UTC, or a region of the time zone database. */
export type Zone = { id: string; offset: number } | { id: string; region: string };

const known = new Map<string, Zone | undefined>();

/** A zone by Spark's rules for ids: Java's, and hours or minutes of one digit. Undefined where there is none. */
export function zoneOf(id: string): Zone | undefined {
  if (known.has(id)) return known.get(id);
  const padded = id.replace(/([+-])(\d):/, '$10$2:').replace(/([+-]\d\d):(\d)$/, '$1:0$2');
  const zone = javaZone(shortIds[padded] ?? padded);
  if (known.size > 1000) known.clear();
  known.set(id, zone);
  return zone;
}

export function requireZone(id: string): Zone {
  const zone = zoneOf(id);
  if (!zone) throw invalid(id);
  return zone;
}

function javaZone(id: string): Zone | undefined {
  if (id === 'Z' || id === 'UTC' || id === 'GMT' || id === 'UT') return { id, offset: 0 };
  const prefix = /^(?:UTC|GMT|UT)(?=[+-])/.exec(id)?.[0] ?? '';
  const offset = javaOffset(id.slice(prefix.length));
  if (offset !== undefined) return { id: prefix && offset === 0 ? prefix : prefix + offsetId(offset), offset };
  return isRegion(id) ? { id, region: id } : undefined;
}

const two = (value: number) => String(value).padStart(2, '0');

/** `Z`, `+05:30`, `-00:00:15`: how Java names an offset in seconds. */
export function offsetId(offset: number): string {
  if (offset === 0) return 'Z';
  const size = Math.abs(offset);
  const seconds = size % 60 ? `:${two(size % 60)}` : '';
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}${seconds}`;
}

/** `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`, to 18 hours. */
function javaOffset(text: string): number | undefined {
  const match = /^([+-])(?:(\d)|(\d\d)(?::(\d\d)(?::(\d\d))?|(\d\d)(\d\d)?)?)$/.exec(text);
  if (!match) return undefined;
  const hours = Number(match[2] ?? match[3]);
  const minutes = Number(match[4] ?? match[6] ?? 0);
  const seconds = Number(match[5] ?? match[7] ?? 0);
  const total = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > 18 * 3600) return undefined;
  return match[1] === '-' ? -total : total;
}

/** Java's regions are told apart by case; Intl takes any. */
function isRegion(id: string): boolean {
  if (!/^[A-Z][A-Za-z0-9~/._+-]+$/.test(id)) return false;
  let resolved: string;
  try {
    resolved = new Intl.DateTimeFormat('en-US', { timeZone: id }).resolvedOptions().timeZone;
  } catch {
    return false;
  }
  if (resolved.toLowerCase() === id.toLowerCase()) return resolved === id;
  return id.split('/').every((part) => /^[A-Z]/.test(part) && !/[A-Z]{5}/.test(part));
}
