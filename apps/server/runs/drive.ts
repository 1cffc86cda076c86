import {
  BoathouseError,
  errorInfo,
  type Requirement,
  type RunEvent,
  type SessionState,
  type StatementContext,
  type StatementOutcome,
} from '@boathouse/contracts';
import type { Logger } from 'pino';
import type { Compute, OrderEnd, OrderListener } from '../compute/index.ts';
import type { ActiveRun } from './active.ts';
import { CANCELLED_ERROR, LOST_ERROR } from './machine.ts';
import { inWholeText } from './position.ts';
import type { RunRecord } from './record.ts';
import type { PlannedRun, RunHooks, RunPage, StartRun } from './types.ts';

/** Rows that compute sends ahead of the stored result: more than any screen shows. */
const PAGE_ROWS = 1000;

export interface DriveOptions {
  compute: Compute;
  hooks: RunHooks;
  log: Logger;
  /** Stores an answer that the planner has given itself; `page` gets its bytes before they are durable. */
  storeLocal(
    columns: PlannedLocal['columns'],
    rows: unknown[][],
    page: (bytes: Uint8Array) => void,
  ): Promise<StatementOutcome['result']>;
  page: (page: RunPage) => void;
  /**
   * What earlier cells of the run's session needed: their variables live on, so a later cell may show what they have read. Those of
   * before a lost kernel count too, until the session is reset: rather too much is kept back than too little.
   */
  carried: (run: RunRecord) => Promise<Requirement[]>;
}
type PlannedLocal = Extract<PlannedRun['body'], { kind: 'local' }>;

/** A cell of TypeScript, an import and a pipeline may change things. */
const writing = { readOnly: false };

/** What a run is, for its driver: the log, the request, and whether somebody asked to stop it. */
export interface Drive {
  active: ActiveRun;
  request: StartRun;
  /** A plan of the first statement that was begun while the run was being recorded. */
  firstPlan?: Promise<PlannedRun>;
  cancelled: boolean;
  /** Runs of the session were before it: they may have moved the session on. */
  waited?: boolean;
  /** The session as the run has changed it, where nobody keeps it: of a statement without a session of its own. */
  session?: SessionState;
}

type Timing = NonNullable<Extract<RunEvent, { type: 'finished' }>['timing']>;

/**
 * Drives a run from its record to its end: plans each statement when the one before has committed, sends it to compute,
 * and writes the log. The final state is written after everything else. Never throws.
 */
export async function drive(run: Drive, options: DriveOptions): Promise<void> {
  const { active, request } = run;
  const since = request.receivedAt ?? performance.now();
  const timing: Timing = {};
  const elapsed = () => Math.round((performance.now() - since) * 1000) / 1000;
  const spent = { engineMs: 0 };
  const finish = (state: 'succeeded' | 'failed' | 'cancelled' | 'lost', error?: ReturnType<typeof errorInfo>) =>
    active.append({ type: 'finished', state, error, engineMs: spent.engineMs, totalMs: elapsed(), timing });
  const settled = createSettled();
  const listener = orderListener(run, options, settled, () => {
    timing.pageInMs ??= elapsed();
    return () => {
      timing.pageOutMs ??= elapsed();
    };
  });
  const sent: OrderListener = {
    ...listener,
    sent: (computeId, engine) => {
      timing.sentMs ??= elapsed();
      listener.sent(computeId, engine);
    },
  };
  try {
    const order = request.order;
    const steps: (() => Promise<OrderEnd>)[] = order
      ? [() => options.compute.run({ ...order, runId: request.id, sessionId: request.session.id }, sent, writing)]
      : request.language === 'typescript'
        ? [
            async () => {
              addRequirements(active, await options.carried(active.record));
              return options.compute.run(
                {
                  kind: 'typescript',
                  runId: request.id,
                  sessionId: request.session.id,
                  source: request.text,
                  fileName: fileName(request),
                },
                sent,
                writing,
              );
            },
          ]
        : statements(run, options, sent, timing, elapsed);
    for (const step of steps) {
      if (run.cancelled) return await finish('cancelled', CANCELLED_ERROR);
      if (active.ended) return;
      const end = await step();
      if (active.ended) return;
      if (end.end === 'failed') return await finish(run.cancelled ? 'cancelled' : 'failed', end.error);
      if (end.end === 'cancelled') return await finish('cancelled', CANCELLED_ERROR);
      if (end.end === 'lost') return await finish('lost', LOST_ERROR);
      if (end.outcome) await settle(run, options, end.outcome, spent);
      settled.after(active.flush());
    }
    await finish(run.cancelled && steps.length === 0 ? 'cancelled' : 'succeeded');
  } catch (error) {
    if (!(error instanceof BoathouseError) || error.fault === 'system')
      options.log.error({ err: error, runId: request.id }, 'a run failed');
    await finish('failed', errorInfo(error)).catch((cause) =>
      options.log.error({ err: cause, runId: request.id }, 'the end of a run could not be written'),
    );
  } finally {
    settled.end();
  }
}

/** When what an order gave is durable: by the events of the next statement, or with the end of the run. */
function createSettled() {
  let { promise, resolve } = Promise.withResolvers<void>();
  return {
    current: () => promise,
    /** Before an order leaves: its own promise. */
    begin() {
      ({ promise, resolve } = Promise.withResolvers<void>());
    },
    after(durable: Promise<void>) {
      const done = resolve;
      // A log that cannot be written is not durable: compute keeps what it has.
      durable.then(done, () => {});
    },
    end: () => resolve(),
  };
}
type Settled = ReturnType<typeof createSettled>;

const fileName = (request: StartRun): string => `${request.cellId ?? request.id}.ts`;

/** One step per statement of a SQL text. */
function statements(
  run: Drive,
  options: DriveOptions,
  listener: OrderListener,
  timing: Timing,
  elapsed: () => number,
): (() => Promise<OrderEnd>)[] {
  const { active, request } = run;
  let session: SessionState = request.session;
  const parts = options.hooks.split(request.text);
  // An empty text is the planner's to refuse, with its position.
  const list = parts.length > 0 ? parts : [{ text: request.text, start: 0 }];
  return list.map((statement, index) => async () => {
    let planned: PlannedRun;
    // What came before in this session may have changed it (USE, a temporary view).
    if (index === 0 && run.waited) session = (await options.hooks.session(session.id)) ?? session;
    try {
      planned = await (index === 0 && run.firstPlan
        ? run.firstPlan
        : planStatement(run, options, statement.text, session));
    } catch (error) {
      if (!(error instanceof BoathouseError)) throw error;
      return { end: 'failed', error: inWholeText(error.toInfo(), request.text, statement.start) };
    }
    timing.plannedMs ??= elapsed();
    // What a session keeps may be made of rows, so it carries what these were read from.
    if (namesKept(statement.text, session)) addRequirements(active, await options.carried(active.record));
    session = planned.session ?? session;
    run.session = session;
    addRequirements(active, planned.requires);
    if (run.cancelled) return { end: 'cancelled' };
    if (planned.body.kind === 'local') return answerLocally(run, options, planned.body, listener);
    const end = await options.compute.run(
      {
        kind: 'statement',
        runId: request.id,
        sessionId: request.session.id,
        plan: planned.signed,
        pageRows: PAGE_ROWS,
      },
      planned.engine === undefined ? listener : named(listener, planned.engine),
      { readOnly: ['query', 'tableInfo', 'explain'].includes(planned.body.kind) },
    );
    // Its statements were planned while it ran, and moved the session on.
    if (['assign', 'immediate', 'script'].includes(planned.body.kind))
      session = (await options.hooks.session(session.id)) ?? run.session ?? session;
    return end.end === 'failed' ? { end: 'failed', error: inWholeText(end.error, request.text, statement.start) } : end;
  });
}

/** The run tells the attached engine, and not compute's own. */
const named = (listener: OrderListener, engine: string): OrderListener => ({
  ...listener,
  sent: (computeId) => listener.sent(computeId, engine),
});

export function planStatement(
  run: Pick<Drive, 'request'>,
  options: Pick<DriveOptions, 'hooks'>,
  text: string,
  session: SessionState,
  statement?: StatementContext,
): Promise<PlannedRun> {
  const { principal, workspaceId, id, parameters = [], engine } = run.request;
  return options.hooks.plan({
    text,
    session,
    principal,
    workspaceId,
    runId: id,
    parameters,
    ...(statement ? { statement } : {}),
    ...(engine ? { engine } : {}),
  });
}

/** True also where the text holds the name as something else: rather too much is kept back than too little. */
function namesKept(text: string, session: SessionState): boolean {
  const lower = text.toLowerCase();
  const kept = [session.tempViews, session.variables ?? {}, session.tempFunctions ?? {}];
  return kept.some((named) => Object.keys(named).some((name) => lower.includes(name)));
}

/** The viewer of an output must hold what its statements needed. */
function addRequirements(active: ActiveRun, requires: Requirement[]): void {
  const known = new Set(active.record.requires.map((it) => `${it.privilege} ${it.kind} ${it.id}`));
  const fresh = requires.filter((it) => !known.has(`${it.privilege} ${it.kind} ${it.id}`));
  if (fresh.length > 0) active.record.requires = [...active.record.requires, ...fresh];
}

async function answerLocally(
  run: Drive,
  options: DriveOptions,
  body: PlannedLocal,
  listener: OrderListener,
): Promise<OrderEnd> {
  const begun = performance.now();
  if (run.active.record.state === 'queued')
    run.active.note({ type: 'started', computeId: 'server', engine: run.active.record.engine });
  const outcome = (result: StatementOutcome['result']): OrderEnd => {
    const ms = Math.round((performance.now() - begun) * 1000) / 1000;
    return { end: 'done', outcome: { result, reads: [], engineMs: 0, totalMs: ms } };
  };
  // A command without columns (CREATE SCHEMA, USE) has nothing to show.
  if (body.columns.length === 0) return outcome(undefined);
  const header = { type: 'page' as const, runId: run.request.id, rows: body.rows.length, more: false };
  return outcome(
    await options.storeLocal(body.columns, body.rows, (bytes) => listener.page(header, Buffer.from(bytes))),
  );
}

/** Writes what a statement gave; the result's event is what viewers replace the first page by. */
async function settle(
  run: Drive,
  options: DriveOptions,
  outcome: StatementOutcome,
  spent: { engineMs: number },
): Promise<void> {
  spent.engineMs += outcome.engineMs;
  const events: RunEvent[] = outcome.reads.map((read) => ({ type: 'read', read }));
  if (outcome.write) {
    await options.hooks.committed(run.request.id, outcome.write);
    events.push({ type: 'write', write: outcome.write });
  }
  if (outcome.result && outcome.result.hash !== run.active.record.result?.hash)
    events.push({ type: 'result', result: outcome.result });
  if (outcome.reads.length > 0) await options.hooks.read(run.request.id, outcome.reads);
  // The last statement's events go into one write with the run's end.
  run.active.note(...events);
}

function orderListener(
  run: Drive,
  options: DriveOptions,
  settled: Settled,
  pageArrives: () => () => void,
): OrderListener {
  const { active, request } = run;
  const limited = outputLimit();
  return {
    settled: settled.current,
    sent: (computeId, engine) => {
      settled.begin();
      active.record.computeSeq = 0;
      // Orders of a session are sent one by one, so what is sent begins.
      active.note({ type: 'started', computeId, engine });
    },
    requeued: () => {
      const message = 'The compute process stopped before this began. It waits for the next one.';
      active.note({ type: 'progress', message });
    },
    event: (received, computeSeq) => {
      // Sent again after a reconnect.
      if (computeSeq <= active.record.computeSeq) return active.flush();
      active.record.computeSeq = computeSeq;
      const event = limited(received);
      return event ? active.append(event) : active.flush();
    },
    page: (header, bytes) => {
      const left = pageArrives();
      options.page({ runId: header.runId, rows: header.rows, more: header.more, bytes });
      left();
    },
    committed: async (write) => {
      await options.hooks.committed(request.id, write);
      await active.append({ type: 'write', write });
    },
    statementDone: async (_planId, reads, write) => {
      if (write) await options.hooks.committed(request.id, write);
      if (reads.length > 0) await options.hooks.read(request.id, reads);
      await active.append(
        ...reads.map((read) => ({ type: 'read' as const, read })),
        ...(write ? [{ type: 'write' as const, write }] : []),
      );
    },
    plan: async (text, sessionId, statement) => {
      // The session may have moved on since the run began (USE, temporary views of an earlier statement of the cell).
      const session = (await options.hooks.session(sessionId)) ?? run.session ?? request.session;
      const planned = await planStatement(run, options, text, session, statement);
      run.session = planned.session ?? session;
      if (namesKept(text, session)) addRequirements(active, await options.carried(active.record));
      addRequirements(active, planned.requires);
      if (planned.engine !== undefined && active.record.engine !== planned.engine)
        active.note({ type: 'started', computeId: active.record.computeId ?? 'server', engine: planned.engine });
      return planned.signed;
    },
  };
}

/** Text and displays that one run may put into its log: a loop that prints must not fill the database. */
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;

/** Passes events until the limit; then says once that the rest is left out. */
function outputLimit(): (event: RunEvent) => RunEvent | null {
  let left = OUTPUT_LIMIT_BYTES;
  return (event) => {
    if (event.type !== 'stream' && event.type !== 'display') return event;
    if (left < 0) return null;
    left -= event.type === 'stream' ? event.text.length + 40 : JSON.stringify(event.data).length;
    if (left >= 0) return event;
    return {
      type: 'stream',
      name: 'stderr',
      text: `\nThe output is longer than ${OUTPUT_LIMIT_BYTES / 1024 / 1024} MB: the rest is left out.\n`,
    };
  };
}
