import type { ObjectStore, TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { parseLossless, stringifyLossless } from '../actions/json.ts';
import { parseAction, replayedKinds } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { identifier, literal } from '../schema/engine.ts';

const Described = z.array(z.object({ column_name: z.string(), column_type: z.string() }));
const Sidecar = z.object({ path: z.string() });

/**
 * PROTOCOL.md "Checkpoint Schema": one Parquet file of a checkpoint, each action through the same border as JSON commits.
 * The engine makes JSON text of the structs, so that 64-bit integers and maps arrive whole. `sidecars` (null: not allowed
 * here) gets the names of sidecar files. Throws DELTA_LOG_CORRUPT.
 */
export async function readCheckpointFile(
  { store, engine }: { store: ObjectStore; engine: TableEngine },
  key: string,
  actions: Action[],
  sidecars: string[] | null,
): Promise<void> {
  const source = `read_parquet(${literal(store.engineUri(key))}, hive_partitioning = false)`;
  let rows: Record<string, unknown>[];
  let columns: Map<string, string>;
  try {
    const described = Described.parse(await engine.rows(`DESCRIBE SELECT * FROM ${source}`));
    columns = new Map(described.map(({ column_name, column_type }) => [column_name, column_type]));
    const wanted = [...replayedKinds, ...(sidecars ? ['sidecar'] : [])].filter((name) => columns.has(name));
    const picked = wanted.map(
      (name) =>
        `CASE WHEN ${identifier(name)} IS NULL THEN NULL ELSE to_json(${identifier(name)})::VARCHAR END AS ${identifier(name)}`,
    );
    rows = picked.length ? await engine.rows(`SELECT ${picked.join(', ')} FROM ${source}`) : [];
  } catch (error) {
    throw deltaErrors.corrupt(
      key,
      `the engine cannot read it (${error instanceof Error ? error.message.split('\n')[0] : 'unknown error'})`,
    );
  }
  for (const row of rows) {
    for (const kind of replayedKinds) {
      const text = row[kind];
      if (typeof text === 'string')
        actions.push(parseAction(kind, kind === 'add' ? withStats(parseLossless(text)) : parseLossless(text), key));
    }
    if (sidecars && typeof row.sidecar === 'string') sidecars.push(Sidecar.parse(parseLossless(row.sidecar)).path);
  }
}

/** A checkpoint may carry statistics as a struct only: they become the JSON text that commits have. */
function withStats(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('stats_parsed' in value)) return value;
  const { stats_parsed: parsed, ...add } = value;
  if (('stats' in add && add.stats !== null) || parsed === null) return add;
  return { ...add, stats: stringifyLossless(dropNulls(parsed)) };
}

/** Struct statistics hold NULL for every bound that is not known. */
function dropNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, dropNulls(inner)]),
  );
}
