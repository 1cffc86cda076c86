import type { Column, EngineText, PlanAssignment, PlanBody, TableRead, TableWrite } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { type OpenedTables, openTables, spliceText, type TableOpener } from './tables.ts';
import { type Author, checkTarget, tableWrite } from './write.ts';

export type Modify = Extract<PlanBody, { kind: 'delete' | 'update' | 'merge' }>;

export interface Modified {
  /** Rows of the answer: Spark's counts, in the order of the plan's columns. */
  rows: unknown[][];
  /** Columns of the answer where they are not the plan's. */
  columns?: Column[];
  reads: TableRead[];
  /** Absent where no row was touched: nothing was committed. */
  write?: TableWrite;
}

/** Runs DELETE, UPDATE or MERGE as one commit. Throws SchemaMoved where the target has other columns than the plan assumed. */
export async function runModify(opener: TableOpener, body: Modify, author: Author): Promise<Modified> {
  const { delta } = opener;
  const { location } = body.target;
  await checkTarget(delta, body.target);
  const { relations, reads } = await openOthers(opener, body);
  const text = (pieces: EngineText) => spliceText(pieces, relations);
  const optional = (pieces: EngineText | null) => (pieces === null ? null : text(pieces));
  const set = (items: readonly PlanAssignment[]) => items.map(({ column, value }) => ({ column, value: text(value) }));
  const provenance = {
    userName: author.principal,
    runId: author.runId,
    txnId: author.txnId,
    prune: body.predicates,
    ...(body.parameters ? { operationParameters: body.parameters } : {}),
  };
  switch (body.kind) {
    case 'delete': {
      const { operation = 'DELETE' } = body;
      const done = await delta.delete(location, { ...provenance, operation, where: optional(body.where) });
      return answer(delta, body, done, operation, [done.metrics.numDeletedRows ?? 0], reads);
    }
    case 'update': {
      const done = await delta.update(location, { ...provenance, where: optional(body.where), set: set(body.set) });
      return answer(delta, body, done, 'UPDATE', [done.metrics.numUpdatedRows ?? 0], reads);
    }
    case 'merge': {
      const change = ({ condition, action }: Extract<Modify, { kind: 'merge' }>['matched'][number]) => ({
        condition: optional(condition),
        action: action.kind === 'delete' ? action : { kind: action.kind, set: set(action.set) },
      });
      const done = await delta.merge(location, {
        ...provenance,
        source: `(${text(body.source)})`,
        on: text(body.on),
        matched: body.matched.map(change),
        notMatchedBySource: body.notMatchedBySource.map(change),
        notMatched: body.notMatched.map(({ condition, values }) => ({
          condition: optional(condition),
          values: set(values),
        })),
        ...(body.addColumns.length ? { addColumns: body.addColumns } : {}),
      });
      const { numTargetRowsUpdated = 0, numTargetRowsDeleted = 0, numTargetRowsInserted = 0 } = done.metrics;
      const counts = [numTargetRowsUpdated, numTargetRowsDeleted, numTargetRowsInserted];
      const all = counts.reduce((sum, count) => sum + count, 0);
      return answer(delta, body, done, 'MERGE', [all, ...counts], reads);
    }
  }
}

/** Every table of the plan but the target itself, which the operation opens. */
async function openOthers(opener: TableOpener, body: Modify): Promise<OpenedTables> {
  const others = body.tables.filter((_, index) => index !== body.targetTable);
  const { relations, reads } = await openTables(opener, others);
  // The target's place stays empty, so that the others keep theirs.
  return { relations: body.tables.map((_, index) => (index === body.targetTable ? '' : relations.shift()!)), reads };
}

async function answer(
  delta: Delta,
  body: Modify,
  done: { version: number | null },
  operation: string,
  counts: number[],
  reads: TableRead[],
): Promise<Modified> {
  const rows = body.columns.length ? [body.columns.map((_, index) => String(counts[index] ?? 0))] : [];
  if (done.version === null) return { rows, reads };
  return { rows, reads, write: await tableWrite(delta, body.target, done.version, operation, counts[0] ?? 0) };
}
