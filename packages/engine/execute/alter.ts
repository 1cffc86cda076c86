import type { PlanBody } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import type { Modified } from './modify.ts';
import { type Author, checkTarget, tableWrite } from './write.ts';

/** Runs ALTER TABLE and COMMENT ON COLUMN: one commit of the table's definition, and no answer. */
export async function runAlter(
  delta: Delta,
  { target, change }: Extract<PlanBody, { kind: 'alter' }>,
  author: Author,
): Promise<Modified> {
  await checkTarget(delta, target);
  const { version } = await delta.alter(target.location, change, {
    userName: author.principal,
    runId: author.runId,
    txnId: author.txnId,
  });
  if (version === null) return { rows: [], reads: [] };
  return { rows: [], reads: [], write: await tableWrite(delta, target, version, 'ALTER TABLE', 0) };
}
