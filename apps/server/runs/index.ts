export { type Cells, createCells, type NotebookReader } from './cells.ts';
export { createRunHooks } from './hooks.ts';
export { SessionQueue } from './queue.ts';
export { type RunRecord, summarise } from './record.ts';
export { createRuns, type RunService, type RunsOptions } from './service.ts';
export { createSessions, notebookSessionId, type Sessions, type StoredSession } from './sessions.ts';
export type { PlannedRun, PlanRequest, ReadyOrder, RunHooks, RunLogNews, RunPage, Runs, StartRun } from './types.ts';
export { withoutOutput } from './visibility.ts';
