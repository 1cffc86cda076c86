import { randomUUID } from 'node:crypto';
import { ChartSpec, type ErrorInfo, isFinal, type Principal, type RunParameter, userError } from '@boathouse/contracts';
import { taskParameters } from '@boathouse/jobs';
import type { Compute } from '../compute/index.ts';
import type { Pipelines } from '../pipelines/index.ts';
import type { NotebookReader, RunRecord, Runs, Sessions } from '../runs/index.ts';
import type { Access } from '../workspace/index.ts';
import type { Claim, Outcome, Snapshot } from './claims.ts';

export interface NotebookTaskDoors {
  access: Pick<Access, 'requirePath'>;
  documents: NotebookReader;
  sessions: Sessions;
  runs: Pick<Runs, 'start' | 'get' | 'waitFor' | 'cancel'>;
  compute: Pick<Compute, 'closeSession'>;
  pipelines: Pick<Pipelines, 'forNotebook' | 'start'>;
  principalOf: (userId: string, workspaceId: string) => Promise<Principal>;
}

export interface Attempt {
  claim: Claim;
  /** Aborted when the run is to stop. */
  stop: AbortSignal;
  /** Aborted when the attempt is no longer this server's: whatever still runs is left to the next. */
  leave: AbortSignal;
  /** Keeps the snapshot. Throws where the attempt is not ours any more. */
  keep: (snapshot: Snapshot) => Promise<void>;
}

const LOOK_EVERY_MS = 10_000;

/**
 * Runs every cell of a notebook in order, in a session of its own and with the rights of the job's owner; the first cell
 * that fails ends it. Each step is in the snapshot before it happens, so a server that takes an attempt over goes on where
 * the last one was, and starts no cell twice. Throws where the notebook cannot be read.
 */
export async function runNotebook(doors: NotebookTaskDoors, attempt: Attempt): Promise<Outcome> {
  const { claim } = attempt;
  const principal = await doors.principalOf(claim.runAsId, claim.workspaceId);
  const snapshot = claim.snapshot ?? (await read(doors, attempt, principal));
  const parameters = parametersOf(claim);
  try {
    for (const cell of snapshot.cells) {
      if (attempt.leave.aborted) break;
      if (cell.kind === 'markdown' || cell.source.trim() === '') continue;
      if (attempt.stop.aborted && cell.runId === null) return { state: 'cancelled' };
      // All pipeline cells of a notebook are one update, which runs where the first of them stands.
      const first = snapshot.cells.find((other) => other.kind === 'pipeline' && other.source.trim() !== '');
      if (cell.kind === 'pipeline' && first !== cell) {
        cell.runId = first?.runId ?? null;
        continue;
      }
      if (cell.runId === null) {
        cell.runId = randomUUID();
        await attempt.keep(snapshot);
      }
      // The same id again is the same run: after a takeover this finds what was started.
      if (!(await doors.runs.get(claim.workspaceId, cell.runId))) {
        if (cell.kind === 'pipeline') {
          const refused = await startUpdate(doors, claim, principal, snapshot, cell.runId);
          if (refused) return { state: 'failed', error: refused };
        } else
          await doors.runs.start({
            id: cell.runId,
            kind: 'task',
            workspaceId: claim.workspaceId,
            principal,
            session: (await doors.sessions.get(snapshot.sessionId)) ?? doors.sessions.passing(snapshot.sessionId, {}),
            language: cell.kind,
            text: cell.source,
            documentVersion: snapshot.documentVersion,
            parameters: cell.kind === 'sql' ? parameters : [],
            taskAttemptId: claim.attemptId,
            ...(cell.engine ? { engine: cell.engine } : {}),
          });
      }
      const run = await ended(doors, attempt, cell.runId);
      if (attempt.leave.aborted) break;
      await attempt.keep(snapshot);
      if (run.state === 'cancelled' && attempt.stop.aborted) return { state: 'cancelled' };
      if (run.state !== 'succeeded') return { state: 'failed', error: failure(run) };
    }
  } finally {
    if (!attempt.leave.aborted) {
      doors.compute.closeSession(snapshot.sessionId);
      await doors.sessions.close(snapshot.sessionId);
    }
  }
  return { state: 'succeeded' };
}

/** Starts the update of the notebook's pipeline; the error where its text has some, so that nothing runs. */
async function startUpdate(
  { pipelines }: Pick<NotebookTaskDoors, 'pipelines'>,
  claim: Claim,
  principal: Principal,
  snapshot: Snapshot,
  id: string,
): Promise<ErrorInfo | null> {
  const caller = { principal, workspaceId: claim.workspaceId };
  const pipeline = await pipelines.forNotebook(caller, snapshot.notebookId);
  const update = await pipelines.start(caller, pipeline.id, {
    id,
    cause: 'JOB_TASK',
    documentVersion: snapshot.documentVersion,
    taskAttemptId: claim.attemptId,
  });
  return update.runId === null ? (update.error ?? emptyUpdate) : null;
}

const emptyUpdate: ErrorInfo = {
  code: 'PIPELINE_FAILED',
  message: 'The pipeline of the notebook has errors. Open the notebook and validate it.',
  fault: 'user',
  status: 400,
};

async function read(doors: NotebookTaskDoors, attempt: Attempt, principal: Principal): Promise<Snapshot> {
  const { workspaceId, task } = attempt.claim;
  const path = task.notebook_task.notebook_path;
  const object = await doors.access.requirePath(principal, workspaceId, path, 'run');
  if (object.kind !== 'notebook')
    throw userError('INVALID_PARAMETER_VALUE', `${path} is a ${object.kind} and not a notebook.`);
  const content = await doors.documents.read(object.id);
  const session = await doors.sessions.open(workspaceId, principal, {});
  const snapshot: Snapshot = {
    notebookId: object.id,
    path,
    documentVersion: content.documentVersion,
    sessionId: session.id,
    cells: content.cells.map((cell) => ({
      id: cell.id,
      kind: cell.kind,
      title: cell.title,
      source: cell.source,
      chart: ChartSpec.safeParse(cell.chart).data ?? null,
      engine: task.notebook_task.warehouse_id ?? cell.engine,
      runId: null,
    })),
  };
  await attempt.keep(snapshot);
  return snapshot;
}

function parametersOf(claim: Claim): RunParameter[] {
  const values = taskParameters(claim.task.notebook_task.base_parameters ?? {}, {
    jobId: claim.jobId,
    jobName: claim.settings.name,
    jobRunId: claim.jobRunId,
    startedAtMs: claim.startedAtMs,
    taskKey: claim.taskKey,
    jobParameters: claim.parameters,
  });
  return Object.entries(values).map(([name, value]) => ({ name, value, type: 'STRING' }));
}

/** The run when it has ended, stopped first where the task is to stop; as it is where the attempt is to be left. */
async function ended(
  { runs }: Pick<NotebookTaskDoors, 'runs'>,
  { stop, leave }: Attempt,
  runId: string,
): Promise<RunRecord> {
  const cancel = (): void => void runs.cancel(runId).catch(() => {});
  const left = new Promise<'left'>((resolve) => {
    if (leave.aborted) resolve('left');
    else leave.addEventListener('abort', () => resolve('left'), { once: true });
  });
  stop.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      // Also again on every round: a cancel that met a run between two servers is not lost.
      if (stop.aborted) cancel();
      const run = await Promise.race([runs.waitFor(runId, LOOK_EVERY_MS), left]);
      if (run === 'left') return await runs.waitFor(runId, 0);
      if (isFinal(run.state)) return run;
    }
  } finally {
    stop.removeEventListener('abort', cancel);
  }
}

function failure(run: RunRecord): ErrorInfo {
  return (
    run.error ?? {
      code: 'RUN_FAILED',
      message: `A cell of the notebook ended as ${run.state}.`,
      fault: 'user',
      status: 400,
    }
  );
}
