import type { RunSummary } from '@boathouse/contracts';
import { columnType, plain } from './format-cell';
import { resultSource } from './result-source';

/** First rows of a run's answer as plain values by column; for answers of a row or a few. Throws BoathouseError. */
export async function readAnswer({ id, result }: RunSummary, limit = 100): Promise<Record<string, unknown>[]> {
  if (!result || result.rowCount === 0) return [];
  const source = resultSource(id, result);
  const count = Math.min(limit, result.rowCount);
  await source.load(0, count);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      result.columns.map(({ name, type }, column) => [name, plain(source.value(row, column), columnType(type))]),
    ),
  );
}
