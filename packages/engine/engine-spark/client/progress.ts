import type { ExecutionProgress } from '../proto/messages.ts';

type Progress = ReturnType<(typeof ExecutionProgress)['decode']>;

/** Tasks that are done, in per cent of those that Spark knows of; it learns of more while it runs. */
export function percentOf({ stages = [] }: Progress): number {
  const tasks = stages.reduce((sum, stage) => sum + (stage.tasks ?? 0), 0);
  const done = stages.reduce((sum, stage) => sum + (stage.completedTasks ?? 0), 0);
  return tasks ? (100 * done) / tasks : 0;
}
