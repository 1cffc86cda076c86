import { literal, sql } from '../../emit/text.ts';
import { derive } from '../../types/index.ts';
import { wallClock } from '../../types/zone.ts';
import { row, type } from '../define.ts';
import type { FunctionCall, FunctionRow } from '../row.ts';

/** The start of the statement: every call in it gives the same instant. */
const now = (call: FunctionCall) => sql`make_timestamptz(${String(BigInt(call.session.now.getTime()) * 1000n)})`;

const day = (name: string): FunctionRow =>
  row(name, 0, 0, (call) => ({
    ...derive([], sql`CAST(${wallClock(now(call), call.session)} AS DATE)`, type.date, false),
    name: 'current_date()',
  }));
const instant = (name: string): FunctionRow => row(name, 0, 0, (call) => derive([], now(call), type.timestamp, false));

export const currentFunctions: FunctionRow[] = [
  day('current_date'),
  day('curdate'),
  instant('current_timestamp'),
  instant('now'),
  row('localtimestamp', 0, 0, (call) => derive([], wallClock(now(call), call.session), type.ntz, false)),
  row('current_timezone', 0, 0, (call) => derive([], [literal(call.session.timeZone)], type.string, false)),
];
