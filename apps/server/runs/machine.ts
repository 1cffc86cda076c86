import {
  type ErrorInfo,
  isFinal,
  type ResultManifest,
  type RunEvent,
  type RunState,
  type TableRead,
  type TableWrite,
} from '@boathouse/contracts';

/** What the events of a run make of it: the part of a run that changes. Times in milliseconds since the epoch. */
export interface RunProgress {
  state: RunState;
  computeId: string | null;
  engine: string;
  error: ErrorInfo | null;
  result: ResultManifest | null;
  reads: TableRead[];
  writes: TableWrite[];
  engineMs: number | null;
  totalMs: number | null;
  startedAtMs: number | null;
  endedAtMs: number | null;
}

export const newProgress = (engine: string): RunProgress => ({
  state: 'queued',
  computeId: null,
  engine,
  error: null,
  result: null,
  reads: [],
  writes: [],
  engineMs: null,
  totalMs: null,
  startedAtMs: null,
  endedAtMs: null,
});

const sameVersion = (a: { tableId: string; version: number }) => (b: { tableId: string; version: number }) =>
  a.tableId === b.tableId && a.version === b.version;

/**
 * The run after an event, or null where the event changes nothing and does not belong in the log: the run has ended, it
 * began already, or the version was reported before.
 */
export function advance(run: RunProgress, event: RunEvent, atMs: number): RunProgress | null {
  if (isFinal(run.state)) return null;
  switch (event.type) {
    case 'queued':
      return null;
    case 'started':
      if (run.state === 'running' && run.computeId === event.computeId && run.engine === event.engine) return null;
      return {
        ...run,
        state: 'running',
        computeId: event.computeId,
        engine: event.engine,
        startedAtMs: run.startedAtMs ?? atMs,
      };
    case 'progress':
    case 'stream':
    case 'display':
    case 'flow':
      return run;
    case 'result':
      // Two statements of a cell may give the same bytes: the later one is shown all the same.
      return { ...run, result: event.result };
    case 'read':
      return run.reads.some(sameVersion(event.read)) ? null : { ...run, reads: [...run.reads, event.read] };
    case 'write':
      return run.writes.some(sameVersion(event.write)) ? null : { ...run, writes: [...run.writes, event.write] };
    case 'finished':
      return {
        ...run,
        state: event.state,
        error: event.error ?? null,
        engineMs: event.engineMs ?? run.engineMs,
        totalMs: event.totalMs ?? run.totalMs,
        startedAtMs: run.startedAtMs,
        endedAtMs: atMs,
      };
  }
}

export const LOST_ERROR: ErrorInfo = {
  code: 'RUN_LOST',
  message: 'The compute process stopped while this ran; nothing it had committed is lost. Run it again.',
  fault: 'system',
  status: 503,
};

export const CANCELLED_ERROR: ErrorInfo = {
  code: 'CANCELLED',
  message: 'The run was stopped.',
  fault: 'user',
  status: 499,
};
