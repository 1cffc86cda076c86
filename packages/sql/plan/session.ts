import { BoathouseError } from '@boathouse/contracts';
import { fail, type Range } from '../analyse/errors.ts';
import type { PlanState } from '../analyse/state.ts';
import { findVariable } from '../analyse/variable.ts';
import type { Expression, SetStatement } from '../ast/index.ts';
import { zoneOf } from '../functions/engine/zone-id.ts';
import { intervalLiteral } from '../types/index.ts';
import { local, nothing, type Planned, stringColumn } from './planned.ts';
import { checkSetting, shownSetting, shownSettings } from './settings.ts';

const timeZoneKey = 'spark.sql.session.timeZone';
const columns = [
  { ...stringColumn('key'), nullable: false },
  { ...stringColumn('value'), nullable: false },
];

/** SET and RESET: the session's settings and its time zone. Throws Spark's INVALID_CONF_VALUE, and UNSUPPORTED_SETTING by name. */
export function planSet(node: SetStatement, state: PlanState): Planned {
  const { target } = node;
  const { session } = state;
  switch (target.what) {
    case 'timeZone':
      return zone(zoneText(target.value, node.range), state, node.range);
    case 'key': {
      const key = plainKey(target.key);
      const value = key === timeZoneKey ? session.timeZone : shownSetting(session, key, node.range);
      return local(state, columns, [[key, value ?? '<undefined>']]);
    }
    case 'assign': {
      if (plainKey(target.key) === timeZoneKey) return zone(target.value, state, node.range);
      const parts = target.key.split('.').map((part) => part.trim());
      if (findVariable(parts, state)) {
        throw fail(
          'UNSUPPORTED_FEATURE.SET_VARIABLE_USING_SET',
          `${target.key} is a variable. Write SET VARIABLE ${target.key} = ….`,
          node.range,
        );
      }
      checkSetting(plainKey(target.key), target.value, node.range);
      const settings = { ...session.settings, [plainKey(target.key)]: target.value };
      return local(state, columns, [[target.key, target.value]], { ...session, settings });
    }
    case 'all':
      return local(state, columns, [...shownSettings(session), [timeZoneKey, session.timeZone]]);
    case 'reset': {
      if (target.key === undefined) return nothing(state, { ...session, timeZone: 'UTC', settings: {} });
      if (target.key === timeZoneKey) return nothing(state, { ...session, timeZone: 'UTC' });
      const { [target.key]: _gone, ...settings } = session.settings;
      return nothing(state, { ...session, settings });
    }
  }
}

/** `hivevar:a` and `spark:a` are the key a. */
const plainKey = (key: string): string => key.replace(/^(hivevar|hiveconf|spark|sparkconf):/, '');

function zone(text: string, state: PlanState, range: Range): Planned {
  const timeZone = checkedZone(text, range);
  return local(state, columns, [[timeZoneKey, timeZone]], { ...state.session, timeZone });
}

const badZone = (zone: string, range: Range) =>
  fail('INVALID_CONF_VALUE.TIME_ZONE', `"${zone}" is no time zone. Use a name such as Europe/Zurich, or UTC.`, range);

/** A time zone by an id that Java knows; it is kept as it was written. */
function checkedZone(zone: string, range: Range): string {
  if (!zoneOf(zone)) throw badZone(zone, range);
  return zone;
}

const outOfRange = (range: Range) =>
  fail(
    'INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE',
    'The interval value must be in the range of [-18, +18] hours with second precision.',
    range,
  );

/** The text of a zone: a string, LOCAL (the zone of the service, UTC), or an interval of whole minutes. */
function zoneText(value: string | 'LOCAL' | Expression, range: Range): string {
  if (value === 'LOCAL') return 'UTC';
  if (typeof value === 'string') return value;
  if (value.kind !== 'interval')
    throw fail('INVALID_SET_SYNTAX', 'SET TIME ZONE takes a zone, LOCAL or an interval.', range);
  const { constant, type } = constantInterval(value.value, range);
  if (type.kind !== 'interval' || type.start === 'year' || type.start === 'month') throw outOfRange(range);
  const seconds = Number(constant / 1_000_000n);
  if (constant % 1_000_000n !== 0n || Math.abs(seconds) > 18 * 3600) throw outOfRange(range);
  if (seconds % 60 !== 0)
    throw fail('UNSUPPORTED_SETTING', 'A time zone with seconds is not supported. Use whole minutes.', range);
  const minutes = Math.abs(seconds) / 60;
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function constantInterval(value: Extract<Expression, { kind: 'interval' }>['value'], range: Range) {
  try {
    const { sql, type } = intervalLiteral(value);
    // Microseconds, as the engine holds an interval of days to seconds.
    const [, micros] = /^CAST\('(-?\d+)' AS BIGINT\)$/.exec(sql.join('')) ?? [];
    if (micros === undefined) throw outOfRange(range);
    return { constant: BigInt(micros), type };
  } catch (error) {
    if (error instanceof BoathouseError) throw outOfRange(range);
    throw error;
  }
}
