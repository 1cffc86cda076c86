import { parseLossless, stringifyLossless } from '../actions/json.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { timestampMicros } from '../stats/order.ts';

/** PROTOCOL.md "Checkpoint Schema": a checkpoint may carry statistics as a struct only; they become the JSON of commits. */

/** Zone of the timestamps among the leaves, by physical path joined with NUL: files alone do not tell which kind a time is. */
export type TimeLeaves = ReadonlyMap<string, 'timestamp' | 'timestamp_ntz'>;

export function timeLeaves(
  fields: readonly DeltaField[],
  configuration: Readonly<Record<string, string>>,
): Map<string, 'timestamp' | 'timestamp_ntz'> {
  const found = new Map<string, 'timestamp' | 'timestamp_ntz'>();
  const mode = mappingMode(configuration);
  const visit = (name: string, type: DeltaType): void => {
    if (type.kind === 'struct')
      for (const field of type.fields) visit(`${name}\0${physicalName(field, mode)}`, field.type);
    if (type.kind === 'leaf' && (type.type.kind === 'timestamp' || type.type.kind === 'timestamp_ntz'))
      found.set(name, type.type.kind);
  };
  for (const field of fields) visit(physicalName(field, mode), field.type);
  return found;
}

/** JSON text of an `add` as the engine gives it → the value of a commit's `add`. */
export function addOfText(text: string, times: TimeLeaves): unknown {
  const value = parseLossless(text);
  if (value === null || typeof value !== 'object' || !('stats_parsed' in value)) return value;
  const { stats_parsed: parsed, ...add } = value;
  if (('stats' in add && add.stats !== null) || parsed === null) return add;
  return { ...add, stats: stringifyLossless(statsValue(parsed, times)) };
}

function statsValue(parsed: unknown, times: TimeLeaves): unknown {
  if (parsed === null || typeof parsed !== 'object') return parsed;
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) => {
      if (value === null) return [];
      return [[name, name === 'minValues' || name === 'maxValues' ? bounds(value, '', times) : dropNulls(value)]];
    }),
  );
}

/** Struct statistics hold NULL for every bound that is not known, and times in the engine's spelling. */
function bounds(value: unknown, path: string, times: TimeLeaves): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      const own = path ? `${path}\0${name}` : name;
      if (inner === null) return [];
      const kind = times.get(own);
      if (kind && typeof inner === 'string') {
        const iso = isoMillis(inner, kind);
        return iso === null ? [] : [[name, iso]];
      }
      return [[name, bounds(inner, own, times)]];
    }),
  );
}

/** Cut to milliseconds, as the JSON form is. Null: no time that JSON can say, so no bound. */
function isoMillis(text: string, kind: 'timestamp' | 'timestamp_ntz'): string | null {
  const micros = timestampMicros(text);
  if (micros === null) return null;
  const ms = micros >= 0n || micros % 1000n === 0n ? micros / 1000n : micros / 1000n - 1n;
  const iso = new Date(Number(ms)).toISOString();
  return kind === 'timestamp' ? iso : iso.slice(0, -1);
}

function dropNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, dropNulls(inner)]),
  );
}
