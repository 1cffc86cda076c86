export { type RunRecord, summarise } from './record.ts';
export { createRuns, type RunService, type RunsOptions } from './service.ts';
export type { PlannedRun, PlanRequest, ReadyOrder, RunHooks, RunLogNews, RunPage, Runs, StartRun } from './types.ts';
export { withoutOutput } from './visibility.ts';
