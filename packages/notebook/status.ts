import { type ErrorInfo, unreachable } from '@boathouse/contracts';
import type { CellRun, Execution, StaleTable } from './execution.ts';

/** How a cell stands: what its badge says. `stale`: it succeeded, and code or data have moved on since. */
export type CellStatus =
  | { status: 'idle' }
  | { status: 'queued'; run: CellRun }
  | { status: 'running'; run: CellRun; sinceMs: number }
  | { status: 'succeeded'; run: CellRun }
  | { status: 'stale'; run: CellRun; codeChanged: boolean; tables: StaleTable[] }
  | { status: 'failed'; run: CellRun; error: ErrorInfo }
  | { status: 'cancelled'; run: CellRun }
  | { status: 'lost'; run: CellRun };

const unexplained: ErrorInfo = {
  code: 'RUN_FAILED',
  message: 'The run failed without saying why.',
  fault: 'system',
  status: 500,
};

export const runOf = (execution: Execution, cellId: string): CellRun | null => {
  const id = execution.newest[cellId];
  return (id === undefined ? undefined : execution.runs[id]) ?? null;
};

/** `codeHash` is that of the cell's text now (version.ts). */
export function cellStatus(execution: Execution, cellId: string, codeHash: string): CellStatus {
  const run = runOf(execution, cellId);
  if (!run) return { status: 'idle' };
  switch (run.state) {
    case 'queued':
      return { status: 'queued', run };
    case 'running':
      return { status: 'running', run, sinceMs: run.startedAtMs ?? run.createdAtMs };
    case 'succeeded': {
      const codeChanged = run.codeHash !== codeHash;
      return codeChanged || run.stale.length > 0
        ? { status: 'stale', run, codeChanged, tables: run.stale }
        : { status: 'succeeded', run };
    }
    case 'failed':
      return { status: 'failed', run, error: run.error ?? unexplained };
    case 'cancelled':
      return { status: 'cancelled', run };
    case 'lost':
      return { status: 'lost', run };
    default:
      return unreachable(run.state);
  }
}

/** Runs that can be stopped, oldest first. */
export const activeRuns = (execution: Execution): CellRun[] =>
  Object.values(execution.runs)
    .filter((run) => run.state === 'queued' || run.state === 'running')
    .sort((a, b) => a.createdAtMs - b.createdAtMs);
