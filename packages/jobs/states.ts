/**
 * States of a job run and of its tasks, with Databricks' words (Jobs API 2.2). One file says which states wait, which are
 * final and how they are told in the older and in the newer form.
 */
export type TaskState =
  /** Waits for the tasks it depends on. */
  | 'blocked'
  /** May start: a worker claims it. */
  | 'ready'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  /** A task it depends on failed, so it never started. */
  | 'upstream_failed'
  | 'upstream_cancelled';

export type RunState = 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';

export const isFinalTask = (state: TaskState): boolean => !['blocked', 'ready', 'running'].includes(state);
export const isFinalRun = (state: RunState): boolean => !['queued', 'running', 'cancelling'].includes(state);

export interface ApiState {
  life_cycle_state: 'QUEUED' | 'PENDING' | 'RUNNING' | 'TERMINATING' | 'TERMINATED' | 'SKIPPED' | 'BLOCKED';
  result_state?:
    | 'SUCCESS'
    | 'FAILED'
    | 'CANCELED'
    | 'UPSTREAM_FAILED'
    | 'UPSTREAM_CANCELED'
    | 'MAXIMUM_CONCURRENT_RUNS_REACHED';
  status: 'QUEUED' | 'PENDING' | 'RUNNING' | 'TERMINATING' | 'TERMINATED' | 'BLOCKED';
  termination?: { code: string; type: 'SUCCESS' | 'CLIENT_ERROR' };
}

const ended = (result_state: NonNullable<ApiState['result_state']>, code: string): ApiState => ({
  life_cycle_state: 'TERMINATED',
  result_state,
  status: 'TERMINATED',
  termination: { code, type: code === 'SUCCESS' ? 'SUCCESS' : 'CLIENT_ERROR' },
});

/** A task's state in the words of the API: `state` of 2.1 and `status` of 2.2. */
export const taskApiState: Record<TaskState, ApiState> = {
  blocked: { life_cycle_state: 'BLOCKED', status: 'BLOCKED' },
  ready: { life_cycle_state: 'PENDING', status: 'PENDING' },
  running: { life_cycle_state: 'RUNNING', status: 'RUNNING' },
  succeeded: ended('SUCCESS', 'SUCCESS'),
  failed: ended('FAILED', 'RUN_EXECUTION_ERROR'),
  cancelled: ended('CANCELED', 'USER_CANCELED'),
  upstream_failed: ended('UPSTREAM_FAILED', 'RUN_EXECUTION_ERROR'),
  upstream_cancelled: ended('UPSTREAM_CANCELED', 'USER_CANCELED'),
};

export const runApiState: Record<RunState, ApiState> = {
  queued: { life_cycle_state: 'QUEUED', status: 'QUEUED' },
  running: { life_cycle_state: 'RUNNING', status: 'RUNNING' },
  cancelling: { life_cycle_state: 'TERMINATING', status: 'TERMINATING' },
  succeeded: ended('SUCCESS', 'SUCCESS'),
  failed: ended('FAILED', 'RUN_EXECUTION_ERROR'),
  cancelled: ended('CANCELED', 'USER_CANCELED'),
  skipped: {
    life_cycle_state: 'SKIPPED',
    result_state: 'MAXIMUM_CONCURRENT_RUNS_REACHED',
    status: 'TERMINATED',
    termination: { code: 'MAX_CONCURRENT_RUNS_EXCEEDED', type: 'CLIENT_ERROR' },
  },
};
