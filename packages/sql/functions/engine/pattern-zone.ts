import { userError } from '@boathouse/contracts';
import { offsetAt } from './calendar.ts';
import { offsetAtText } from './pattern-offset.ts';
import { offsetId, type Zone, zoneOf } from './zone-id.ts';
import { regionsByLongName, regionsByShortName, zoneNames } from './zone-names.ts';

const unproven = (what: string) =>
  userError('UNSUPPORTED_FUNCTION', `${what} is not supported in datetime patterns. Use VV or XXX.`);

/** The name of a zone at an instant (seconds): `CET`, `Central European Summer Time`; generic ones do not tell summer. */
export function zoneText(zone: Zone, instant: number, full: boolean, generic: boolean): string {
  const index = full ? 1 : 0;
  const names = zoneNames.get(zone.id);
  if (!names) {
    if ('offset' in zone && zone.id !== 'UT') return zone.id;
    // The region's name counts hours west of Greenwich as positive.
    const fixed = /^Etc\/GMT([+-])(\d+)$/.exec(zone.id);
    if (fixed) return `GMT${fixed[1] === '+' ? '-' : '+'}${fixed[2]!.padStart(2, '0')}:00`;
    throw unproven(`The name of the time zone ${zone.id}`);
  }
  if (generic) return names.generic[index];
  if ('offset' in zone) return names.standard[index];
  // Names and rules of before are other ones.
  if (instant < 946_684_800) throw unproven(`The name of the time zone ${zone.id} before the year 2000`);
  const year = new Date(instant * 1000).getUTCFullYear();
  const [winter, july] = [Date.UTC(year, 0, 1), Date.UTC(year, 6, 1)].map((at) => offsetAt(zone.id, at / 1000));
  const summer = offsetAt(zone.id, instant) > Math.min(winter!, july!);
  if (!summer) return names.standard[index];
  if (!names.summer) throw unproven(`The summer name of the time zone ${zone.id}`);
  return names.summer[index];
}

interface Read {
  zone: string;
  end: number;
}

/** A zone id in text: an offset with a colon, UTC and GMT with one, or a region in any case. */
export function readZoneId(text: string, at: number): Read | undefined {
  const char = text[at];
  if (char === undefined) return undefined;
  if (char === '+' || char === '-') {
    const read = offsetAtText(text, at, 'HH:MM:ss');
    return read && Math.abs(read.seconds) <= 18 * 3600 ? { zone: offsetId(read.seconds), end: read.end } : undefined;
  }
  const prefix = /^(?:UTC|UT|GMT)/i.exec(text.slice(at))?.[0];
  if (prefix && text.slice(at, at + 4).toUpperCase() !== 'GMT0') return prefixed(text, at, prefix.toUpperCase());
  const word = /^[A-Za-z][A-Za-z0-9~/._+-]*/.exec(text.slice(at))?.[0] ?? '';
  for (let size = word.length; size > 1; size--) {
    const region = regionOf(word.slice(0, size));
    if (region !== undefined) return { zone: region, end: at + size };
  }
  return char === 'Z' || char === 'z' ? { zone: 'Z', end: at + 1 } : undefined;
}

function prefixed(text: string, at: number, prefix: string): Read | undefined {
  const end = at + prefix.length;
  const bare = { zone: prefix, end };
  const read = offsetAtText(text, end, 'HH:MM:ss');
  if (!read) return bare;
  if (Math.abs(read.seconds) > 18 * 3600) return undefined;
  return { zone: read.seconds === 0 ? prefix : prefix + offsetId(read.seconds), end: read.end };
}

/** A region of the time zone database by a name in any case. */
function regionOf(name: string): string | undefined {
  const exact = zoneOf(name);
  if (exact && 'region' in exact && exact.region === name) return name;
  if (!/^[A-Z]/i.test(name) || /^[A-Z]{3}$/i.test(name)) return undefined;
  const cased = name.replace(/[A-Za-z]+/g, (part) => part[0]!.toUpperCase() + part.slice(1).toLowerCase());
  const zone = zoneOf(cased);
  return zone && 'region' in zone ? cased : undefined;
}

/** A zone's name in text. Throws UNSUPPORTED_FUNCTION for names whose zone is not proven. */
export function readZoneText(text: string, at: number, full: boolean): Read | undefined {
  const rest = text.slice(at).toLowerCase();
  for (const [name, region] of full ? regionsByLongName : regionsByShortName) {
    if (rest.startsWith(name) && !/^[a-z]/.test(rest.slice(name.length)))
      return { zone: region, end: at + name.length };
  }
  const read = readZoneId(text, at);
  const letters = /^[a-z ]+/.exec(rest)?.[0]?.trim() ?? '';
  if (letters.length > 1 && (!read || read.end - at < letters.length))
    throw unproven(`The time zone name '${letters}'`);
  return read;
}
