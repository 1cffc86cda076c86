import { isFinal, type Principal, type RunSummary, userError } from '@boathouse/contracts';
import type { Adopted, Compute } from '../compute/index.ts';
import { createPatience } from '../db.ts';
import { enqueue, listen } from '../events/index.ts';
import { storeLocal } from '../results/local.ts';
import type { BaseServices } from '../services.ts';
import { ActiveRun } from './active.ts';
import { type Drive, type DriveOptions, drive, planStatement } from './drive.ts';
import { CANCELLED_ERROR, LOST_ERROR, newProgress } from './machine.ts';
import { SessionQueue } from './queue.ts';
import { codeHash, type RunRecord, summarise } from './record.ts';
import { createRunStore, type RunStore } from './store.ts';
import type { RunHooks, RunLogNews, RunPage, Runs, StartRun } from './types.ts';
import { createVisibility, withoutOutput } from './visibility.ts';

export interface RunsOptions {
  base: Pick<BaseServices, 'pool' | 'log' | 'clock' | 'bus' | 'serverId' | 'store'>;
  hooks: RunHooks;
  /** A run of a server that died with its lease is lost after this. */
  leaseMs?: number;
}

export type RunService = Runs & {
  runStore: RunStore;
  /** For the compute link: who drives an order of before this server's start. */
  adopt(runId: string, computeId: string): Promise<Adopted | null>;
  /** Begins: gives the link, which needs `adopt` first. */
  connect(compute: Compute): void;
};

/** Statements that change nothing but may be planned while the run is still being recorded. */
const reading = /^[\s(]*(select|with|values|from)\b/i;
/** A compute process that does not stop within this time is not waited for. */
const STOP_WITHIN_MS = 5000;

const notFound = (id: string) =>
  userError('RESOURCE_DOES_NOT_EXIST', `There is no run ${id}, or you may not see it.`, { status: 404 });

export function createRuns(options: RunsOptions): RunService {
  const { base, hooks } = options;
  const leaseMs = options.leaseMs ?? 10_000;
  const store = createRunStore(base.pool, base.serverId);
  const queue = new SessionQueue();
  const drives = new Map<string, Drive & { done: Promise<void> }>();
  const logListeners = new Set<(news: RunLogNews) => void>();
  const pageListeners = new Set<(run: RunRecord, page: RunPage) => void>();
  const visibility = createVisibility(hooks.authorise, base.clock);
  let compute: Compute | null = null;
  let stopping = false;

  const published = (run: RunRecord, rows: RunLogNews['rows']) => {
    for (const listener of logListeners) listener({ run, rows });
    base.bus.emit('run.changed', {
      runId: run.id,
      seq: run.lastSeq,
      state: run.state,
      workspaceId: run.workspaceId,
      notebookId: run.notebookId,
      dashboardId: run.dashboardId,
      tileId: run.tileId,
      serverId: base.serverId,
    });
  };

  function activate(record: RunRecord): ActiveRun {
    return new ActiveRun(record, {
      store,
      log: base.log,
      clock: base.clock,
      leaseMs,
      published,
      stopping: () => stopping,
      superseded: () => {
        base.log.warn({ runId: record.id }, 'another server has taken a run over');
        compute?.cancel(record.id);
      },
    });
  }

  const driveOptions = (active: ActiveRun, link: Compute): DriveOptions => ({
    compute: link,
    hooks,
    log: base.log,
    storeLocal: (columns, rows, page) => storeLocal(base.store, columns, rows, page),
    carried: (run) => createPatience()(() => store.carried(run)),
    page: (page) => {
      for (const listener of pageListeners) listener(active.record, page);
    },
  });

  function newRecord(request: StartRun): RunRecord {
    return {
      ...newProgress('duckdb'),
      id: request.id,
      workspaceId: request.workspaceId,
      kind: request.kind,
      notebookId: request.notebookId ?? null,
      cellId: request.cellId ?? null,
      sessionId: request.session.id,
      dashboardId: request.dashboardId ?? null,
      tileId: request.tileId ?? null,
      pipelineId: request.pipelineId ?? null,
      taskAttemptId: request.taskAttemptId ?? null,
      principalId: request.principal.userId,
      principalName: request.principal.name,
      language: request.language,
      text: request.text,
      codeHash: codeHash(request.language, request.text),
      documentVersion: request.documentVersion ?? null,
      parameters: request.parameters ?? [],
      settings: {
        ...request.session.settings,
        timeZone: request.session.timeZone,
        catalog: request.session.catalog,
        schema: request.session.schema,
        ...(request.engine ? { engine: request.engine } : {}),
      },
      requires: request.requires ?? [],
      createdAtMs: base.clock(),
      lastSeq: 1,
      computeSeq: 0,
    };
  }

  /** The same id again: the same run, or somebody's mistake. */
  function sameRun(record: RunRecord, request: StartRun): RunRecord {
    const same =
      record.workspaceId === request.workspaceId &&
      record.principalId === request.principal.userId &&
      record.codeHash === codeHash(request.language, request.text) &&
      record.kind === request.kind;
    if (!same)
      throw userError('RUN_ID_TAKEN', `Another run has the id ${request.id}. Choose a new random id for each run.`, {
        status: 409,
      });
    return record;
  }

  async function start(request: StartRun): Promise<RunRecord> {
    const link = compute;
    if (!link) throw new Error('Runs are not connected to a compute link');
    const known = drives.get(request.id);
    if (known) return sameRun(known.active.record, request);
    const record = newRecord(request);
    const run: Drive & { done: Promise<void> } = {
      active: activate(record),
      request: { receivedAt: performance.now(), ...request },
      cancelled: false,
      done: Promise.resolve(),
    };
    drives.set(request.id, run);
    run.waited = queue.busy(request.session.id);
    const speculative = !request.order && request.language === 'sql' && reading.test(request.text) && !run.waited;
    if (speculative) {
      const first = hooks.split(request.text)[0];
      if (first) {
        run.firstPlan = planStatement(run, { hooks }, first.text, request.session);
        // Its failure is the run's; awaited only after the run is recorded.
        run.firstPlan.catch(() => {});
      }
    }
    // The place in the session is taken now: runs go in the order of their requests, not of their rows.
    const queued = { ...record };
    const recorded = store.insert(record, leaseMs);
    recorded.then(
      (fresh) =>
        fresh && published(queued, [{ runId: record.id, seq: 1, atMs: record.createdAtMs, event: { type: 'queued' } }]),
      () => {},
    );
    run.done = queue
      .add(request.session.id, async () => {
        const fresh = await recorded.catch(() => false);
        if (fresh) await drive(run, driveOptions(run.active, link));
      })
      .finally(() => {
        if (drives.get(request.id) === run) drives.delete(request.id);
      });
    if (!(await recorded)) {
      const stored = await store.get(request.id);
      if (!stored) throw notFound(request.id);
      return sameRun(stored, request);
    }
    return record;
  }

  async function find(id: string): Promise<RunRecord | null> {
    return drives.get(id)?.active.record ?? (await store.get(id));
  }

  function waitFor(id: string, timeoutMs: number): Promise<RunRecord> {
    return new Promise((resolve, reject) => {
      const ask = async (last: boolean) => {
        const record = await store.get(id);
        if (!record) throw notFound(id);
        if (last || isFinal(record.state)) settle(() => resolve(record));
      };
      const look = (last: boolean) => ask(last).catch((error: Error) => settle(() => reject(error)));
      const stopListening = listen(base.bus, 'run.changed', (event) => {
        if (event.runId === id && isFinal(event.state)) void look(false);
      });
      const timer = setTimeout(() => void look(true), timeoutMs);
      // The net under events, for a run of another server.
      const net = setInterval(() => void look(false), 2000);
      const settle = (how: () => void) => {
        stopListening();
        clearTimeout(timer);
        clearInterval(net);
        how();
      };
      void look(timeoutMs <= 0);
    });
  }

  function stopDriven(id: string): boolean {
    const run = drives.get(id);
    if (!run) return false;
    run.cancelled = true;
    compute?.cancel(id);
    const end = () =>
      void run.active
        .append({ type: 'finished', state: 'cancelled', error: CANCELLED_ERROR })
        .catch((error) => base.log.error({ err: error, runId: id }, 'a run could not be stopped'));
    if (run.active.record.state === 'queued' && !run.active.record.computeId) end();
    else setTimeout(end, STOP_WITHIN_MS).unref();
    return true;
  }

  async function lose(record: RunRecord): Promise<void> {
    if (drives.has(record.id)) return;
    await activate(record).append({ type: 'finished', state: 'lost', error: LOST_ERROR });
  }

  // A run without a lease has no server that drives it: it is lost, and says so.
  const holdTimer = setInterval(
    () => {
      store
        .holdLeases([...drives.keys()], leaseMs)
        .catch((error) => base.log.warn({ err: error }, 'leases could not be prolonged'));
      store
        .abandoned()
        .then((records) => Promise.all(records.map(lose)))
        .catch((error) => base.log.warn({ err: error }, 'lost runs could not be looked for'));
    },
    Math.min(2000, leaseMs / 3),
  );
  holdTimer.unref();
  const stopCancelling = listen(base.bus, 'run.cancel', ({ runId }) => void stopDriven(runId));

  async function stale(runs: RunRecord[]): Promise<(run: RunRecord) => RunSummary['stale']> {
    const latest = await store.latestVersions([
      ...new Set(runs.flatMap((run) => run.reads.map((read) => read.tableId))),
    ]);
    return (run) => {
      // A cell that writes the table it reads is not stale by its own commit.
      const own = new Map(run.writes.map((write) => [write.tableId, write.version]));
      return run.reads.flatMap((read) => {
        const latestVersion = latest.get(read.tableId) ?? read.version;
        const seen = Math.max(read.version, own.get(read.tableId) ?? 0);
        return latestVersion > seen ? [{ fullName: read.fullName, readVersion: read.version, latestVersion }] : [];
      });
    };
  }

  async function summaries(principal: Principal, runs: RunRecord[]): Promise<RunSummary[]> {
    const staleOf = await stale(runs);
    return Promise.all(
      runs.map(async (run) => summarise(run, { withheld: await visibility(principal, run), stale: staleOf(run) })),
    );
  }

  return {
    runStore: store,
    start,
    async get(workspaceId, id) {
      const record = await find(id);
      return record?.workspaceId === workspaceId ? record : null;
    },
    waitFor,
    async cancel(id) {
      if (stopDriven(id)) return;
      const record = await store.get(id);
      if (record && !isFinal(record.state)) await enqueue(base.pool, 'run.cancel', { runId: id });
    },
    withheld: visibility,
    async requireView(principal, run) {
      if (run.principalId === principal.userId || principal.admin) return;
      const objectId = run.dashboardId ?? run.notebookId;
      if (!objectId) throw notFound(run.id);
      await hooks.requireObject(principal, run.workspaceId, objectId);
    },
    async summary(principal, run) {
      return (await summaries(principal, [run]))[0]!;
    },
    summaries,
    async events(principal, run, after, limit) {
      const [events, withheld] = await Promise.all([store.events(run.id, after, limit), visibility(principal, run)]);
      if (!withheld) return { events, withheld };
      return { events: events.flatMap((row) => withoutOutput(row, withheld.message) ?? []), withheld };
    },
    onLog(listener) {
      logListeners.add(listener);
      return () => logListeners.delete(listener);
    },
    onPage(listener) {
      pageListeners.add(listener);
      return () => pageListeners.delete(listener);
    },
    connect(link) {
      compute = link;
    },
    adopt: (runId, computeId) => adopt(runId, computeId),
    async stop() {
      stopping = true;
      clearInterval(holdTimer);
      stopCancelling();
      // What still runs at compute goes on there; the next server adopts it or finds it lost.
      await Promise.race([
        Promise.allSettled([...drives.values()].map((run) => run.active.flush())),
        new Promise((resolve) => setTimeout(resolve, 1000)),
      ]);
    },
  };

  /** Takes over a run that compute still holds: only one with a single order left, as its place in a text is not kept. */
  async function adopt(runId: string, computeId: string) {
    if (drives.has(runId)) return null;
    const link = compute;
    const record = await store.get(runId);
    if (!link || !record || isFinal(record.state) || record.state !== 'running' || record.computeId !== computeId)
      return null;
    if (drives.has(runId) || (record.language === 'sql' && hooks.split(record.text).length > 1)) return null;
    const principal = await hooks.principalOf(record.principalId, record.workspaceId);
    const session = (record.sessionId && (await hooks.session(record.sessionId))) || {
      id: record.sessionId ?? runId,
      catalog: record.settings.catalog ?? 'main',
      schema: record.settings.schema ?? 'default',
      timeZone: record.settings.timeZone ?? 'UTC',
      settings: {},
      tempViews: {},
    };
    const request: StartRun = {
      id: runId,
      kind: record.kind,
      workspaceId: record.workspaceId,
      principal,
      session,
      language: record.language,
      text: record.text,
    };
    const kind = adoptedKind(record);
    const run: Drive & { done: Promise<void> } = {
      active: activate(record),
      request,
      cancelled: false,
      done: Promise.resolve(),
    };
    return new Promise<Adopted>((resolve) => {
      const taken: Compute = {
        ...link,
        run: (_order, listener) => new Promise((end) => resolve({ kind, sessionId: session.id, listener, end })),
      };
      // The order is at compute already: the driver only listens and writes the end.
      run.request = { ...request, order: { kind: 'typescript', source: record.text, fileName: '' } };
      drives.set(runId, run);
      run.done = drive(run, driveOptions(run.active, taken)).finally(() => drives.delete(runId));
      base.log.info({ runId, computeId }, 'a run of before the restart goes on');
    });
  }
}

function adoptedKind(record: RunRecord): Adopted['kind'] {
  if (record.kind === 'import') return 'import';
  if (record.kind === 'pipeline') return 'pipeline';
  return record.language === 'typescript' ? 'typescript' : 'statement';
}
