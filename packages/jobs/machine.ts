import { unreachable } from '@boathouse/contracts';
import { isFinalRun, isFinalTask, type RunState, type TaskState } from './states.ts';

/**
 * One job run as a pure state machine: (run, event) → (run, effects). The rim keeps the rows, claims ready tasks and
 * performs effects; everything that decides is here and is simulated in the tests.
 */
export interface TaskSpec {
  key: string;
  dependsOn: string[];
  /** Further attempts after a failed one. */
  maxRetries: number;
}

export interface Task extends TaskSpec {
  state: TaskState;
  /** Attempts begun so far. */
  attempts: number;
  message: string;
}

export interface JobRunState {
  state: RunState;
  message: string;
  tasks: Task[];
}

export type JobEvent =
  /** The run may begin: a place among the concurrent runs is free. */
  | { type: 'begin' }
  /** All places are taken and the job does not queue. */
  | { type: 'skip'; message: string }
  | { type: 'started'; task: string }
  | { type: 'succeeded'; task: string }
  | { type: 'failed'; task: string; message: string; mayRetry: boolean }
  | { type: 'cancel'; message: string }
  /** An attempt has come to its end after a cancel. */
  | { type: 'cancelled'; task: string };

export type JobEffect =
  /** Tasks became ready: wake the workers. */
  | { type: 'wake'; tasks: string[] }
  /** Stop the running attempt of a task. */
  | { type: 'stop'; task: string }
  | { type: 'ended'; state: RunState };

export interface JobStep {
  run: JobRunState;
  effects: JobEffect[];
}

export const newJobRun = (tasks: TaskSpec[]): JobRunState => ({
  state: 'queued',
  message: '',
  tasks: tasks.map((task) => ({ ...task, state: 'blocked', attempts: 0, message: '' })),
});

/** An event that does not fit the state changes nothing: late news of a task that has ended, a second cancel. */
export function step(run: JobRunState, event: JobEvent): JobStep {
  switch (event.type) {
    case 'begin':
      return run.state === 'queued' ? settle({ ...run, state: 'running' }) : same(run);
    case 'skip':
      return run.state === 'queued'
        ? {
            run: {
              ...run,
              state: 'skipped',
              message: event.message,
              tasks: run.tasks.map((task) => ({ ...task, state: 'cancelled' as const })),
            },
            effects: [{ type: 'ended', state: 'skipped' }],
          }
        : same(run);
    case 'started':
      return change(run, event.task, ['ready'], (task) => ({
        ...task,
        state: 'running',
        attempts: task.attempts + 1,
        message: '',
      }));
    case 'succeeded':
      return change(run, event.task, ['running'], (task) => ({ ...task, state: 'succeeded' }));
    case 'failed':
      return change(run, event.task, ['running', 'ready'], (task) =>
        run.state === 'cancelling'
          ? { ...task, state: 'cancelled', message: event.message }
          : event.mayRetry && task.attempts <= task.maxRetries
            ? { ...task, state: 'ready', message: event.message }
            : { ...task, state: 'failed', message: event.message },
      );
    case 'cancel':
      return cancel(run, event.message);
    case 'cancelled':
      return change(run, event.task, ['running', 'ready'], (task) => ({ ...task, state: 'cancelled' }));
    default:
      return unreachable(event);
  }
}

const same = (run: JobRunState): JobStep => ({ run, effects: [] });

function change(run: JobRunState, key: string, from: TaskState[], to: (task: Task) => Task): JobStep {
  const task = run.tasks.find((one) => one.key === key);
  if (!task || !from.includes(task.state) || isFinalRun(run.state)) return same(run);
  return settle({ ...run, tasks: run.tasks.map((one) => (one === task ? to(one) : one)) });
}

function cancel(run: JobRunState, message: string): JobStep {
  if (isFinalRun(run.state) || run.state === 'cancelling') return same(run);
  const running = run.tasks.filter((task) => task.state === 'running');
  const tasks = run.tasks.map((task) =>
    task.state === 'blocked' || task.state === 'ready' ? { ...task, state: 'cancelled' as const } : task,
  );
  const next = settle({ ...run, state: 'cancelling', message, tasks });
  return {
    run: next.run,
    effects: [...running.map((task): JobEffect => ({ type: 'stop', task: task.key })), ...next.effects],
  };
}

/** What follows from the tasks' states: who is ready, who never starts, whether the run has ended. */
function settle(run: JobRunState): JobStep {
  const tasks = run.tasks.map((task) => ({ ...task }));
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const woken: string[] = [];
  // Dependencies form no cycle (checked when the job is saved), so a pass per task suffices.
  for (let pass = 0; pass < tasks.length; pass++) {
    for (const task of tasks) {
      if (task.state !== 'blocked' || run.state !== 'running') continue;
      const upstream = task.dependsOn.map((key) => byKey.get(key)!.state);
      if (upstream.some((state) => state === 'failed' || state === 'upstream_failed')) {
        task.state = 'upstream_failed';
        task.message = `It did not start: ${task.dependsOn.find((key) => ['failed', 'upstream_failed'].includes(byKey.get(key)!.state))} failed.`;
      } else if (upstream.some((state) => state === 'cancelled' || state === 'upstream_cancelled')) {
        task.state = 'upstream_cancelled';
      } else if (upstream.every((state) => state === 'succeeded')) {
        task.state = 'ready';
      }
    }
  }
  for (const task of tasks)
    if (task.state === 'ready' && run.tasks.find((one) => one.key === task.key)!.state !== 'ready')
      woken.push(task.key);
  // A retry is ready again: it was put there by the caller, and workers must hear of it too.
  for (const task of tasks)
    if (task.state === 'ready' && task.attempts > 0 && !woken.includes(task.key)) woken.push(task.key);
  const effects: JobEffect[] = woken.length ? [{ type: 'wake', tasks: woken }] : [];
  if (run.state === 'queued' || !tasks.every((task) => isFinalTask(task.state)))
    return { run: { ...run, tasks }, effects };
  const failed = tasks.find((task) => task.state === 'failed');
  const state: RunState =
    run.state === 'cancelling'
      ? 'cancelled'
      : failed
        ? 'failed'
        : tasks.some((task) => task.state === 'cancelled')
          ? 'cancelled'
          : 'succeeded';
  const message = state === 'failed' ? `Task ${failed!.key} failed: ${failed!.message}` : run.message;
  return { run: { ...run, state, message, tasks }, effects: [...effects, { type: 'ended', state }] };
}
