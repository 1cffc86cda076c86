import {
  type ErrorInfo,
  isFinal,
  type MimeBundle,
  type ResultManifest,
  type RunEvent,
  type RunEventRow,
  type RunState,
  type RunSummary,
  type TableRead,
  unreachable,
} from '@boathouse/contracts';

/**
 * What is running in a notebook and what its cells show: a pure function from news (summaries and log entries of runs, in
 * any order, some twice) to state. The server's log is the truth; this follows it and never runs ahead of it, but for
 * `requested`, which the person who pressed run sees at once.
 */
export interface Execution {
  /** The newest run of each cell, by run id. */
  runs: Record<string, CellRun>;
  /** Run id by cell id. */
  newest: Record<string, string>;
}

export type Output =
  | { type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; data: MimeBundle };
export type StaleTable = RunSummary['stale'][number];

export interface CellRun {
  id: string;
  cellId: string;
  state: RunState;
  /** False until the server has confirmed the request. */
  confirmed: boolean;
  principalId: string;
  principalName: string;
  codeHash: string;
  /** What ran it, as runs name it; empty until that is known. */
  engine: string;
  createdAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  totalMs: number | null;
  progress: { percent: number | null; message: string } | null;
  /** From the log; in a summary they are not. `outputsUpTo` is the seq up to which they are complete. */
  outputs: Output[];
  outputsUpTo: number;
  /** Highest seq known to exist. */
  lastSeq: number;
  error: ErrorInfo | null;
  result: ResultManifest | null;
  withheld: { message: string } | null;
  /** Table versions that the run read, and how much of each. */
  reads: Omit<TableRead, 'tableId'>[];
  stale: StaleTable[];
}

export type Operation =
  /** The person pressed run: shown as queued until the server answers. */
  | {
      type: 'requested';
      runId: string;
      cellId: string;
      codeHash: string;
      principalId: string;
      principalName: string;
      atMs: number;
    }
  /** The server refused the request: nothing was started. */
  | { type: 'refused'; runId: string; error: ErrorInfo; atMs: number }
  | { type: 'summary'; run: RunSummary }
  | { type: 'event'; row: RunEventRow }
  | { type: 'tableChanged'; fullName: string; version: number }
  | { type: 'cellDeleted'; cellId: string };

/** Entries of the log are missing: read them from `after` on. */
export type Effect = { type: 'readLog'; runId: string; after: number };

export interface Step {
  state: Execution;
  effects: Effect[];
}

export const newExecution = (): Execution => ({ runs: {}, newest: {} });

export function apply(state: Execution, operation: Operation): Step {
  switch (operation.type) {
    case 'requested':
      return done(putRun(state, requestedRun(operation)));
    case 'refused':
      return done(refuse(state, operation.runId, operation.error, operation.atMs));
    case 'summary':
      return summary(state, operation.run);
    case 'event':
      return event(state, operation.row);
    case 'tableChanged':
      return done(tableChanged(state, operation));
    case 'cellDeleted':
      return done(withoutCell(state, operation.cellId));
    default:
      return unreachable(operation);
  }
}

const done = (state: Execution): Step => ({ state, effects: [] });

function requestedRun(operation: Extract<Operation, { type: 'requested' }>): CellRun {
  const { runId, cellId, codeHash, principalId, principalName, atMs } = operation;
  return { ...emptyRun(runId, cellId), codeHash, principalId, principalName, createdAtMs: atMs };
}

const emptyRun = (id: string, cellId: string): CellRun => ({
  id,
  cellId,
  state: 'queued',
  confirmed: false,
  principalId: '',
  principalName: '',
  codeHash: '',
  engine: '',
  createdAtMs: 0,
  startedAtMs: null,
  endedAtMs: null,
  totalMs: null,
  progress: null,
  outputs: [],
  outputsUpTo: 0,
  lastSeq: 0,
  error: null,
  result: null,
  withheld: null,
  reads: [],
  stale: [],
});

/** Keeps a run, and makes it the cell's newest unless a newer one is known. A replaced run is forgotten. */
function putRun(state: Execution, run: CellRun): Execution {
  const newestId = state.newest[run.cellId];
  const newest = newestId === undefined ? undefined : state.runs[newestId];
  if (newest && newest.id !== run.id && newer(newest, run)) return state;
  const runs = { ...state.runs, [run.id]: run };
  if (newest && newest.id !== run.id) delete runs[newest.id];
  return { runs, newest: { ...state.newest, [run.cellId]: run.id } };
}

const readOf = ({ tableId: _id, ...read }: TableRead): CellRun['reads'][number] => read;

const newer = (a: CellRun, b: CellRun): boolean =>
  a.createdAtMs === b.createdAtMs ? a.id > b.id : a.createdAtMs > b.createdAtMs;

function refuse(state: Execution, runId: string, error: ErrorInfo, atMs: number): Execution {
  const run = state.runs[runId];
  // A confirmed run was not refused: the answer was to a repeated request.
  if (!run || run.confirmed) return state;
  return putRun(state, { ...run, state: 'failed', error, endedAtMs: atMs });
}

function summary(state: Execution, run: RunSummary): Step {
  if (run.cellId === null) return done(state);
  const known = state.runs[run.id] ?? emptyRun(run.id, run.cellId);
  // Summaries travel beside events: an older one must not undo what a newer event said.
  if (known.confirmed && (run.lastSeq < known.lastSeq || (isFinal(known.state) && !isFinal(run.state))))
    return done(state);
  const next: CellRun = {
    ...known,
    state: run.state,
    confirmed: true,
    principalId: run.principalId,
    principalName: run.principalName,
    codeHash: run.codeHash,
    engine: run.engine,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    totalMs: run.totalMs,
    progress: isFinal(run.state) ? null : known.progress,
    lastSeq: run.lastSeq,
    error: run.error,
    result: run.result,
    withheld: run.withheld,
    reads: run.reads.map(readOf),
    stale: run.stale,
    outputs: run.withheld ? [] : known.outputs,
  };
  const after = putRun(state, next);
  const missing = after.runs[run.id] !== undefined && !run.withheld && next.outputsUpTo < run.lastSeq;
  return { state: after, effects: missing ? [{ type: 'readLog', runId: run.id, after: next.outputsUpTo }] : [] };
}

function event(state: Execution, row: RunEventRow): Step {
  const run = state.runs[row.runId];
  if (!run || row.seq <= run.outputsUpTo) return done(state);
  if (row.seq > run.outputsUpTo + 1) {
    const lastSeq = Math.max(run.lastSeq, row.seq);
    return {
      state: putRun(state, { ...run, lastSeq }),
      effects: [{ type: 'readLog', runId: run.id, after: run.outputsUpTo }],
    };
  }
  const seen = { ...run, confirmed: true, outputsUpTo: row.seq, lastSeq: Math.max(run.lastSeq, row.seq) };
  return done(putRun(state, { ...seen, ...changeBy(run, row.event, row.atMs) }));
}

/** What one entry of the log changes. A run that has ended only gains outputs that are read late. */
function changeBy(run: CellRun, event: RunEvent, atMs: number): Partial<CellRun> {
  const ended = isFinal(run.state);
  switch (event.type) {
    case 'queued':
      return {};
    case 'started':
      return ended ? {} : { state: 'running', engine: event.engine, startedAtMs: run.startedAtMs ?? atMs };
    case 'progress':
      return ended ? {} : { progress: { percent: event.percent ?? null, message: event.message } };
    case 'stream':
      return { outputs: appendStream(run.outputs, event.name, event.text) };
    case 'display':
      return { outputs: [...run.outputs, { type: 'display', data: event.data }] };
    case 'result':
      return { result: event.result };
    case 'read':
      return { reads: [...run.reads.filter((read) => read.fullName !== event.read.fullName), readOf(event.read)] };
    case 'write':
    case 'flow':
      return {};
    case 'finished':
      return ended
        ? {}
        : {
            state: event.state,
            error: event.error ?? null,
            endedAtMs: atMs,
            totalMs: event.totalMs ?? null,
            progress: null,
          };
    default:
      return unreachable(event);
  }
}

function appendStream(outputs: Output[], name: 'stdout' | 'stderr', text: string): Output[] {
  const last = outputs.at(-1);
  if (last?.type !== 'stream' || last.name !== name) return [...outputs, { type: 'stream', name, text }];
  return [...outputs.slice(0, -1), { ...last, text: last.text + text }];
}

/** A table that runs have read has a newer version: their answers are of the past. */
function tableChanged(state: Execution, changed: { fullName: string; version: number }): Execution {
  const { fullName, version } = changed;
  const runs = { ...state.runs };
  for (const run of Object.values(state.runs)) {
    const read = run.reads.find((entry) => entry.fullName === fullName);
    if (!read || read.version >= version) continue;
    const others = run.stale.filter((entry) => entry.fullName !== fullName);
    runs[run.id] = { ...run, stale: [...others, { fullName, readVersion: read.version, latestVersion: version }] };
  }
  return { ...state, runs };
}

function withoutCell(state: Execution, cellId: string): Execution {
  const { [cellId]: runId, ...newest } = state.newest;
  if (runId === undefined) return state;
  const { [runId]: _gone, ...runs } = state.runs;
  return { runs, newest };
}
