import { ErrorInfo } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { Snapshot } from './claims.ts';

const AttemptRow = z.object({
  taskRunId: z.coerce.number(),
  number: z.number(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  error: ErrorInfo.nullable(),
  snapshot: Snapshot.nullable(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
});
export type AttemptRow = z.infer<typeof AttemptRow>;

/** Attempts of tasks, by task and number. */
export async function readAttempts(pool: Pool, taskRunIds: number[]): Promise<AttemptRow[]> {
  const { rows } = await pool.query(
    `SELECT "taskRunId", number, state, error, snapshot, (extract(epoch FROM coalesce("startedAt", "createdAt")) * 1000)::float8 AS "startedAtMs",
       (extract(epoch FROM "endedAt") * 1000)::float8 AS "endedAtMs" FROM task_attempt WHERE "taskRunId" = ANY($1::bigint[]) ORDER BY "taskRunId", number`,
    [taskRunIds],
  );
  return rows.map((row) => AttemptRow.parse(row));
}
