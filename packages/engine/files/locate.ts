import { BoathouseError, type Column, parseType } from '@boathouse/contracts';
import type { Engine } from '../engine.ts';
import { quoteName, quoteText } from '../engine-duckdb/types.ts';
import { INSTANT_MARK, instantText } from './instant.ts';

/** A reader of CSV files with the types that the engine checks itself (`naive`), and the columns that were wanted of it. */
export interface Probe {
  reader: string;
  columns: readonly Column[];
  timestampFormat: string | undefined;
}

/**
 * The error of a text that is no timestamp with its line, which only the engine's own reader knows: the files are read once
 * more until it stumbles. Any other error, and one whose line is not found, comes back as it is.
 */
export async function withLine(engine: Engine, error: unknown, probes: () => Promise<Probe[]>): Promise<unknown> {
  if (!(error instanceof BoathouseError) || !error.detail?.includes(INSTANT_MARK)) return error;
  for (const { reader, columns, timestampFormat } of await probes()) {
    const counts = columns
      .filter((column) => parseType(column.type).kind === 'timestamp')
      .map(({ name }) => `count(${quoteName(name)})`);
    if (!counts.length) continue;
    const found = await engine.rows(`SELECT ${counts.join(', ')} FROM ${reader}`).catch((thrown: unknown) => thrown);
    if (!(found instanceof BoathouseError)) continue;
    const value = /has the value "([\s\S]*)", which is not of type timestamp/.exec(found.message)?.[1];
    if (value === undefined) continue;
    // The engine's reader knows fewer forms of zones: where it stumbles over one of them, its line is another's.
    const [row] = await engine.rows(
      `SELECT ${instantText('v', timestampFormat)} IS NULL AS bad FROM (SELECT ${quoteText(value)} AS v)`,
    );
    if (row?.bad === true) return found;
  }
  return error;
}
