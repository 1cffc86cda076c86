import { quoteName, quoteText } from '../engine-duckdb/types.ts';

/**
 * Timestamps of CSV files. The engine's CSV reader gives NULL for a text that is none, and for every text where a pattern
 * is said, and its reader of timestamps without a zone overlooks an offset: so such a column is read as text, and converted here.
 */

/** The shapes that nearly all files have, tried in this order: by a pattern a text is read four times as fast as by the cast. */
const shapes = ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ'].flatMap((shape) => [
  shape,
  shape.replace('%S', '%S.%f'),
]);

/** What the engine's parser by pattern makes of words like "epoch" and "infinity", which it takes for any pattern. */
const WORD = "TIMESTAMP '1900-01-01'";

/** Times without an end are the engine's own, no table's; an offset is a sign after a time of day. */
const INFINITE = "'(?i)inf'";
const OFFSET_OR_INFINITE = "'(?i)inf|:.*[+-]'";

/** A naive time as an instant, the session being in UTC: microseconds are only renamed, where a cast asks for the zone's rules. */
const asUtc = (naive: string): string => `make_timestamptz(epoch_us(${naive}))`;

/** Begins the engine's message of a text that is no timestamp; column, file and text follow, parted by `INSTANT_PART`. */
export const INSTANT_MARK = 'boathouse instant: ';
export const INSTANT_PART = '\u001f';

/**
 * A column of text as TIMESTAMPTZ or NULL, where the text is none. `format`: the strptime pattern that all texts follow; else
 * ISO 8601 with or without an offset or a zone, in UTC where none is said.
 */
export function instantText(column: string, format: string | undefined): string {
  const text = quoteName(column);
  if (format === undefined) {
    const fast = `nullif(try_strptime(${text}, [${shapes.map(quoteText).join(', ')}]), ${WORD})`;
    // The engine's cast to TIMESTAMPTZ uses the zone that a row names for the rows after it that name none: those are read without.
    // No part stands twice: the engine would work it out beforehand, for all rows.
    const naive = `CASE WHEN NOT regexp_matches(${text}, ${OFFSET_OR_INFINITE}) THEN TRY_CAST(${text} AS TIMESTAMP) END`;
    const zoned = `CASE WHEN NOT regexp_matches(${text}, ${INFINITE}) THEN TRY_CAST(${text} AS TIMESTAMPTZ) END`;
    return `coalesce(${asUtc(fast)}, ${asUtc(naive)}, ${zoned})`;
  }
  const byFormat = (pattern: string) => `try_strptime(${text}, ${quoteText(pattern)})`;
  if (!format.includes('%z')) return asUtc(`nullif(${byFormat(format)}, ${WORD})`);
  // The engine's %z takes +02:00 and not the Z that means the same as +00:00.
  return `coalesce(${byFormat(format)}, ${asUtc(byFormat(format.replaceAll('%z', 'Z')))})`;
}

/** The same, where a text that is no timestamp ends the query with an error that names it. */
export function strictInstantText(column: string, format: string | undefined, fileColumn: string): string {
  const text = quoteName(column);
  const part = `chr(${INSTANT_PART.charCodeAt(0)})`;
  const message = `concat(${quoteText(INSTANT_MARK + column)}, ${part}, ${quoteName(fileColumn)}, ${part}, ${text})`;
  return `coalesce(${instantText(column, format)}, CASE WHEN ${text} IS NOT NULL THEN error(${message}) END)`;
}
