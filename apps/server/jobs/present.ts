import type { ApiJob, ApiRun, ApiRunTask } from '@boathouse/contracts';
import { type ApiState, runApiState, taskApiState } from '@boathouse/jobs';
import type { JobRow, RunRow, TaskRow } from './rows.ts';

/** Tasks a page in version 2.2; 2.1 gives all. */
export const TASKS_A_PAGE = 100;

/** A job or run page of tasks: `offset` is the page token. */
export function pageOf<T>(tasks: T[], offset: number | null): { tasks: T[]; next: { next_page_token?: string } } {
  if (offset === null) return { tasks, next: {} };
  const end = offset + TASKS_A_PAGE;
  return { tasks: tasks.slice(offset, end), next: end < tasks.length ? { next_page_token: String(end) } : {} };
}

export function apiJob(job: JobRow, taskOffset: number | null): ApiJob {
  const { tasks, next } = pageOf(job.settings.tasks, taskOffset);
  return {
    job_id: job.id,
    creator_user_name: job.ownerEmail,
    run_as_user_name: job.ownerEmail,
    created_time: Math.round(job.createdAtMs),
    settings: { ...job.settings, tasks, format: 'MULTI_TASK' },
    ...(next.next_page_token ? { has_more: true, ...next } : {}),
  };
}

function stateOf(state: ApiState, message: string, cancelled: boolean): Pick<ApiRunTask, 'state' | 'status'> {
  return {
    state: {
      life_cycle_state: state.life_cycle_state,
      ...(state.result_state ? { result_state: state.result_state } : {}),
      state_message: message,
      user_cancelled_or_timedout: cancelled,
    },
    status: {
      state: state.status,
      ...(state.termination ? { termination_details: { ...state.termination, message } } : {}),
      ...(state.life_cycle_state === 'QUEUED'
        ? {
            queue_details: {
              code: 'MAX_CONCURRENT_RUNS_REACHED',
              message: 'It waits until an earlier run of the job has ended.',
            },
          }
        : {}),
    },
  };
}

function timesOf(row: Pick<RunRow, 'createdAtMs' | 'startedAtMs' | 'endedAtMs'>, nowMs: number) {
  const { startedAtMs, endedAtMs } = row;
  const executed = startedAtMs === null ? 0 : Math.max(0, Math.round((endedAtMs ?? nowMs) - startedAtMs));
  return {
    start_time: Math.round(startedAtMs ?? row.createdAtMs),
    end_time: Math.round(endedAtMs ?? 0),
    setup_duration: 0,
    execution_duration: endedAtMs === null ? 0 : executed,
    cleanup_duration: 0,
    run_duration: executed,
  };
}

/** `origin`: of the pages, as the client reached us. */
const pageUrl = (origin: string, run: RunRow): string => `${origin}/jobs/${run.jobId}/runs/${run.id}`;

export function apiTask(task: TaskRow, run: RunRow, origin: string, nowMs: number): ApiRunTask {
  const { task_key, description, depends_on, notebook_task } = task.task;
  return {
    run_id: task.id,
    task_key,
    ...(description === undefined ? {} : { description }),
    ...(depends_on?.length ? { depends_on: depends_on.map((it) => ({ task_key: it.task_key })) } : {}),
    notebook_task,
    run_if: 'ALL_SUCCESS',
    attempt_number: Math.max(0, task.attempts - 1),
    ...stateOf(taskApiState[task.state], task.stateMessage, task.state === 'cancelled'),
    run_page_url: pageUrl(origin, run),
    ...timesOf(task, nowMs),
  };
}

export function apiRun(
  run: RunRow,
  tasks: TaskRow[] | null,
  origin: string,
  nowMs: number,
  taskOffset: number | null = null,
): ApiRun {
  const page = tasks && pageOf(tasks, taskOffset);
  const parameters = run.settings.parameters ?? [];
  return {
    job_id: run.jobId,
    run_id: run.id,
    job_run_id: run.id,
    original_attempt_run_id: run.id,
    number_in_job: run.numberInJob,
    attempt_number: 0,
    run_name: run.settings.name,
    run_type: 'JOB_RUN',
    creator_user_name: run.creatorEmail,
    trigger: run.trigger,
    ...stateOf(runApiState[run.state], run.stateMessage, run.state === 'cancelled'),
    ...(parameters.length
      ? { job_parameters: parameters.map((it) => ({ ...it, value: run.parameters[it.name] ?? it.default })) }
      : {}),
    ...(page ? { tasks: page.tasks.map((task) => apiTask(task, run, origin, nowMs)) } : {}),
    ...(page?.next.next_page_token ? { has_more: true, ...page.next } : {}),
    queue_duration: Math.max(0, Math.round((run.startedAtMs ?? run.endedAtMs ?? nowMs) - run.createdAtMs)),
    run_page_url: pageUrl(origin, run),
    format: 'MULTI_TASK',
    ...timesOf(run, nowMs),
  };
}

/** A task's run asked for by its own id: as Databricks, a run without tasks. */
export function apiRunOfTask(task: TaskRow, run: RunRow, origin: string, nowMs: number): ApiRun {
  const { run_id, attempt_number, state, status } = apiTask(task, run, origin, nowMs);
  return {
    ...apiRun(run, null, origin, nowMs),
    run_id,
    original_attempt_run_id: run_id,
    attempt_number,
    run_name: task.taskKey,
    state,
    status,
    ...timesOf(task, nowMs),
  };
}
