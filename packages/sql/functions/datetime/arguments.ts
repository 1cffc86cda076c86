import type { Typed } from '../../analyse/typed.ts';
import { wallClock } from '../../types/zone.ts';
import { arg, type } from '../define.ts';
import type { FunctionCall } from '../row.ts';

/** A date, from text and timestamps too; numbers and booleans are refused. */
export const dateArg = (call: FunctionCall, index: number): Typed => arg(call, index, type.date);

/** A wall clock (TIMESTAMP) of the session: timestamps without zone stay as they are. */
export function wallArg(call: FunctionCall, index: number): Typed {
  const value = call.args[index]!;
  if (value.type.kind === 'timestamp_ntz') return value;
  const instant = arg(call, index, type.timestamp);
  return { ...instant, sql: wallClock(instant.sql, call.session), type: type.ntz, constant: undefined };
}
