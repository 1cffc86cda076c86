import type { Principal } from '@boathouse/contracts';
import type { Compute } from '../compute/index.ts';
import { listen } from '../events/index.ts';
import type { Live } from '../live/index.ts';
import type { Pipelines } from '../pipelines/index.ts';
import type { NotebookReader, RunService, Sessions } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import type { Access } from '../workspace/index.ts';
import { createClaims } from './claims.ts';
import { runNotebook } from './notebook-task.ts';
import { taskOutput } from './outputs.ts';
import { createJobPages, type JobPages } from './pages.ts';
import type { TaskRow } from './rows.ts';
import { createScheduler } from './scheduler.ts';
import { type Caller, createJobService, type JobService } from './service.ts';
import { createWorker } from './worker.ts';

export { apiJob, apiRun, apiRunOfTask, pageOf, TASKS_A_PAGE } from './present.ts';
export type { JobRow, RunRow, TaskRow } from './rows.ts';
export type { Caller, RunFilter } from './service.ts';

export interface Jobs extends JobService {
  pages: JobPages;
  output(caller: Caller, task: TaskRow): ReturnType<typeof taskOutput>;
  start(): void;
  stop(): Promise<void>;
}

export interface JobDoors {
  base: Pick<BaseServices, 'pool' | 'store' | 'log' | 'bus' | 'clock'>;
  access: Access;
  documents: NotebookReader;
  sessions: Sessions;
  runs: RunService;
  compute: Pick<Compute, 'closeSession'>;
  live: Pick<Live, 'addTopic'>;
  pipelines: Pick<Pipelines, 'forNotebook' | 'start'>;
  principalOf: (userId: string, workspaceId: string) => Promise<Principal>;
  leaseMs?: number;
}

/** Attempts at a time on one server. */
const CAPACITY = 16;
/** A server that says nothing for so long has lost its attempts to another. */
const LEASE_MS = 15_000;

/** Jobs: their settings, the scheduler that fires triggers, and the worker that runs tasks. */
export function createJobs(doors: JobDoors): Jobs {
  const { base, runs, live } = doors;
  const service = createJobService(base);
  const leaseMs = doors.leaseMs ?? LEASE_MS;
  const worker = createWorker({
    base,
    claims: createClaims(base.pool, leaseMs),
    run: (attempt) => runNotebook(doors, attempt),
    capacity: CAPACITY,
    heartbeatMs: leaseMs / 3,
  });
  const scheduler = createScheduler({ pool: base.pool, log: base.log, tick: worker.wake });
  const stopListening = listen(base.bus, 'job.work', () => {
    worker.wake();
    scheduler.nudge();
  });
  live.addTopic('job', (principal, workspaceId, id) => service.get({ principal, workspaceId }, Number(id)));

  return {
    ...service,
    pages: createJobPages(base, service, runs),
    output: ({ principal, workspaceId }, task) => taskOutput({ base, runs }, principal, workspaceId, task),
    start() {
      worker.start();
      scheduler.start();
    },
    async stop() {
      stopListening();
      await scheduler.stop();
      await worker.stop();
    },
  };
}
