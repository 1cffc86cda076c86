import { BoathouseError, errorInfo } from '@boathouse/contracts';
import { persist } from '../db.ts';
import { listen } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import type { Claim, Claims, Outcome } from './claims.ts';
import type { Attempt } from './notebook-task.ts';

export interface WorkerOptions {
  base: Pick<BaseServices, 'log' | 'bus'>;
  claims: Claims;
  run: (attempt: Attempt) => Promise<Outcome>;
  /** Attempts at a time on this server; the engine has its own limits below. */
  capacity: number;
  heartbeatMs: number;
}

export interface Worker {
  /** Looks for work now. */
  wake(): void;
  start(): void;
  /** Leaves its attempts, so that another server goes on with them. */
  stop(): Promise<void>;
}

interface Active {
  claim: Claim;
  stop: AbortController;
  leave: AbortController;
  done: Promise<void>;
}

/** Claims attempts of tasks and works on them; the one place that keeps leases alive. */
export function createWorker(options: WorkerOptions): Worker {
  const { base, claims } = options;
  const active = new Map<string, Active>();
  let looking: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;

  async function take(): Promise<void> {
    do {
      again = false;
      const room = options.capacity - active.size;
      if (room <= 0 || stopped) return;
      for (const claim of await claims.take(room)) begin(claim);
    } while (again);
  }

  function wake(): void {
    again = true;
    if (looking || stopped) return;
    looking = take()
      .catch((error) => base.log.warn({ err: error }, 'tasks could not be claimed; trying again'))
      .finally(() => {
        looking = null;
      });
  }

  function begin(claim: Claim): void {
    // A token of our own that ran out while we were not looking: the old work is left, the new goes on from its snapshot.
    active.get(claim.attemptId)?.leave.abort();
    const one: Active = {
      claim,
      stop: new AbortController(),
      leave: new AbortController(),
      done: Promise.resolve(),
    };
    if (claim.cancelling) one.stop.abort();
    active.set(claim.attemptId, one);
    one.done = work(one).finally(() => {
      if (active.get(claim.attemptId) === one) active.delete(claim.attemptId);
      wake();
    });
  }

  async function work({ claim, stop, leave }: Active): Promise<void> {
    const log = base.log.child({ jobRunId: claim.jobRunId, task: claim.taskKey, attemptId: claim.attemptId });
    const outcome = await options
      .run({
        claim,
        stop: stop.signal,
        leave: leave.signal,
        keep: async (snapshot) => {
          if (leave.signal.aborted || (await persist(() => claims.keep(claim, snapshot)))) return;
          leave.abort();
          throw new Error('the attempt belongs to another server');
        },
      })
      .catch((error: unknown): Outcome => {
        if (!(error instanceof BoathouseError) && !leave.signal.aborted) log.error({ err: error }, 'a task failed');
        return { state: 'failed', error: errorInfo(error) };
      });
    if (leave.signal.aborted) return;
    if (!(await persist(() => claims.finish(claim, outcome)))) log.warn('a task was taken over by another server');
  }

  async function beat(): Promise<void> {
    const held = [...active.values()];
    if (held.length === 0) return;
    const { stop, gone } = await claims.hold(held.map((one) => one.claim));
    for (const one of held) {
      if (gone.has(one.claim.attemptId) && active.get(one.claim.attemptId) === one) one.leave.abort();
      if (stop.has(one.claim.attemptId)) one.stop.abort();
    }
  }
  const beatSafely = (): void =>
    void beat().catch((error) => base.log.warn({ err: error }, 'leases of tasks could not be prolonged'));

  const stopListening = listen(base.bus, 'job.stop', ({ jobRunId }) => {
    for (const one of active.values()) if (one.claim.jobRunId === jobRunId) one.stop.abort();
  });

  return {
    wake,
    start() {
      timer = setInterval(beatSafely, options.heartbeatMs);
      timer.unref();
      wake();
    },
    async stop() {
      stopped = true;
      stopListening();
      if (timer) clearInterval(timer);
      await looking;
      const held = [...active.values()];
      for (const one of held) one.leave.abort();
      await Promise.race([
        Promise.allSettled(held.map((one) => one.done)),
        new Promise((resolve) => setTimeout(resolve, 1000).unref()),
      ]);
      if (held.length > 0) await claims.release(held.map((one) => one.claim)).catch(() => {});
    },
  };
}
