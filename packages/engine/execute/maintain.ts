import type { PlanBody } from '@boathouse/contracts';
import { parseType, unreachable } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { wireValue } from './local.ts';
import type { Modified } from './modify.ts';
import { type Author, tableWrite } from './write.ts';

type Maintain = Extract<PlanBody, { kind: 'maintain' }>;
const HOUR_MS = 60 * 60 * 1000;

type OptimizeResult = Awaited<ReturnType<Delta['optimize']>>;

interface Answer {
  version: number | null;
  rows: unknown[][];
  operation: string;
}

/** Runs OPTIMIZE, VACUUM, RESTORE, REORG or ANALYZE. The answers are those of Delta Lake. */
export async function runMaintain(delta: Delta, body: Maintain, author: Author): Promise<Modified> {
  const done = await maintained(delta, body, author);
  // Nothing was committed; Spark answers a RESTORE to the current version without a row or a column.
  const hasAnswer = done.version !== null || body.operation.kind !== 'restore';
  if (done.version === null) return { rows: done.rows, reads: [], ...(hasAnswer ? {} : { columns: [] }) };
  return { rows: done.rows, reads: [], write: await tableWrite(delta, body.target, done.version, done.operation, 0) };
}

async function maintained(delta: Delta, { target, operation, columns }: Maintain, author: Author): Promise<Answer> {
  const { location, fullName } = target;
  const provenance = { userName: author.principal, runId: author.runId, txnId: author.txnId };
  switch (operation.kind) {
    case 'optimize': {
      const { where } = operation;
      const done = await delta.optimize(location, {
        ...provenance,
        full: operation.full,
        ...(operation.zorderBy.length ? { zOrderBy: operation.zorderBy } : {}),
        ...(where ? { where: where.condition, prune: where.predicates, predicates: [where.text] } : {}),
      });
      return { version: done.version, rows: [[fullName, metricsValue(columns, done.metrics)]], operation: 'OPTIMIZE' };
    }
    case 'reorg': {
      const { where } = operation;
      const done = await delta.reorg(location, {
        ...provenance,
        ...(where ? { where: where.condition, prune: where.predicates, predicates: [where.text] } : {}),
      });
      return { version: done.version, rows: [[fullName, metricsValue(columns, done.metrics)]], operation: 'REORG' };
    }
    case 'vacuum': {
      const done = await delta.vacuum(location, {
        ...provenance,
        mode: operation.mode,
        dryRun: operation.dryRun,
        ...(operation.retainHours === undefined ? {} : { retentionMs: operation.retainHours * HOUR_MS }),
      });
      const rows = operation.dryRun ? done.files.map((file) => [file]) : [[fullName]];
      return { version: done.version, rows, operation: 'VACUUM' };
    }
    case 'restore': {
      const { to } = operation;
      const done = await delta.restore(location, {
        ...provenance,
        ...(to.at === 'version' ? { toVersion: to.version } : { toTimestampMs: to.timestampMs }),
      });
      const { metrics } = done;
      const row = [
        metrics.tableSizeAfterRestore,
        metrics.numOfFilesAfterRestore,
        metrics.numRemovedFiles,
        metrics.numRestoredFiles,
        metrics.removedFilesSize,
        metrics.restoredFilesSize,
      ];
      return { version: done.version, rows: [row.map(String)], operation: 'RESTORE' };
    }
    case 'analyze': {
      const done = await delta.analyze(location, provenance);
      return { version: done.version, rows: [], operation: 'ANALYZE' };
    }
    default:
      return unreachable(operation);
  }
}

/** The struct of metrics in the order of the plan's own type. */
function metricsValue(columns: Maintain['columns'], metrics: OptimizeResult['metrics']): unknown {
  const column = columns.find(({ name }) => name === 'metrics');
  return column ? wireValue(metrics, parseType(column.type)) : null;
}
