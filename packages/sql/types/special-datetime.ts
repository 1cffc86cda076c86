import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { literal, sql } from '../emit/text.ts';
import { microsPerDay, splitMicros, toInstant, toWall } from '../functions/engine/calendar.ts';
import { trimAll } from '../functions/engine/number-text.ts';
import { zoneOf } from '../functions/engine/zone-id.ts';
import { dateConstant, ntzConstant, timestampConstant } from './constants.ts';

type Target = 'date' | 'timestamp' | 'timestamp_ntz';

/** Words that a constant text may be instead of a date or timestamp. */
const words = ['epoch', 'now', 'today', 'yesterday', 'tomorrow'] as const;
type Word = (typeof words)[number];

/** The start of the statement in microseconds since the epoch. */
export const nowMicros = (session: ExpressionSession): bigint => BigInt(session.now.getTime()) * 1000n;

/** The word that a text is, in any case; a zone behind it must exist and is not looked at, and `now` takes none. */
function wordOf(text: string): Word | undefined {
  const match = /^([A-Za-z]+)[ \t]*(.*)$/s.exec(trimAll(text));
  const word = words.find((one) => one === match?.[1]?.toLowerCase());
  if (!word || !match?.[2]) return word;
  return word !== 'now' && zoneOf(match[2]) ? word : undefined;
}

/** Microseconds of a word's wall clock in the session zone. */
function wallOf(word: Word, session: ExpressionSession): bigint {
  const wall = toWall(nowMicros(session), session.timeZone);
  const midnight = BigInt(splitMicros(wall).days) * microsPerDay;
  switch (word) {
    case 'epoch':
      return 0n;
    case 'now':
      return wall;
    case 'today':
      return midnight;
    case 'yesterday':
      return midnight - microsPerDay;
    case 'tomorrow':
      return midnight + microsPerDay;
  }
}

function ofWord(word: Word, type: Target, session: ExpressionSession): Typed {
  const wall = wallOf(word, session);
  if (type === 'date') return dateConstant(splitMicros(wall).days);
  if (type === 'timestamp_ntz') return ntzConstant(wall);
  if (word === 'epoch') return timestampConstant(0n, session);
  return timestampConstant(word === 'now' ? nowMicros(session) : toInstant(wall, session.timeZone), session);
}

/** The value of a text that is one of the words; undefined for anything else. */
export function specialDatetime(text: string, type: Target, session: ExpressionSession): Typed | undefined {
  const word = wordOf(text);
  return word && ofWord(word, type, session);
}

/** The words in text that is constant without being a literal, before the cast that reads all others. */
export function withWords(text: Sql, type: Target, session: ExpressionSession, otherwise: Sql): Sql {
  const cases = words.map((word) => sql`WHEN ${literal(word)} THEN ${ofWord(word, type, session).sql}`);
  const all = cases.reduce<Sql>((sum, one) => sql`${sum} ${one}`, []);
  return sql`CASE lower(trim(${text}))${all} ELSE ${otherwise} END`;
}
