/** Jobs as pure rules: the state machine of a run, its words in the API, dependencies and cron. */
export { nextFire, nextFires } from './cron.ts';
export { checkTasks } from './graph.ts';
export {
  type JobEffect,
  type JobEvent,
  type JobRunState,
  type JobStep,
  newJobRun,
  step,
  type Task,
  type TaskSpec,
} from './machine.ts';
export { checkJob, type TaskContext, taskParameters, taskSpec } from './spec.ts';
export {
  type ApiState,
  isFinalRun,
  isFinalTask,
  type RunState,
  runApiState,
  type TaskState,
  taskApiState,
} from './states.ts';
