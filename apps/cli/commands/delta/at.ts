import { userError } from '@boathouse/contracts';
import type { Snapshot } from '@boathouse/delta';
import { type CompiledCondition, compileCondition } from '@boathouse/sql';
import { type Parsed, UsageError, wholeNumber } from '../arguments.ts';
import type { OpenTable } from './open.ts';

/** Milliseconds of an ISO time; one without a zone is taken in UTC. Throws UsageError. */
export function instant(text: string): number {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
    text,
  );
  const ms = parts ? Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? 'Z'}`) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(`--timestamp must be a time such as 2026-01-31T12:00:00Z; it is "${text}".`);
  return ms;
}

/** `--version` or `--timestamp`, not both. */
export function placeInTime(options: Parsed['options']): { version?: number; timestampMs?: number } {
  const version = wholeNumber(options.version, 'version');
  if (version !== undefined && options.timestamp !== undefined)
    throw new UsageError('Give --version or --timestamp, not both.');
  if (version !== undefined) return { version };
  return options.timestamp === undefined ? {} : { timestampMs: instant(options.timestamp) };
}

export const snapshotOf = ({ delta, location }: OpenTable, options: Parsed['options']): Promise<Snapshot> =>
  delta.snapshot(location, placeInTime(options));

/** Spark SQL over columns → the engine's text, and by which parts of it files may be left out. Throws what is wrong in it. */
export const conditionOf = (
  where: string | undefined,
  columns: readonly { name: string; type: string }[],
): CompiledCondition | null => (where === undefined ? null : compileCondition(where, columns));

/** `a,b` as names of columns, as the table spells them. Throws DELTA_COLUMN_NOT_FOUND. */
export function namesOf(text: string | undefined, columns: readonly { name: string }[]): string[] {
  if (text === undefined) return columns.map(({ name }) => name);
  return text.split(',').map((part) => {
    const wanted = part.trim();
    const found =
      columns.find(({ name }) => name === wanted) ??
      columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (!found)
      throw userError(
        'DELTA_COLUMN_NOT_FOUND',
        `There is no column "${wanted}". There are: ${columns.map(({ name }) => name).join(', ')}.`,
      );
    return found.name;
  });
}
