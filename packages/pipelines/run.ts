import {
  BoathouseError,
  type ErrorInfo,
  errorInfo,
  type FlowPlan,
  type FlowStatus,
  type ObjectStore,
  type PipelineEvent,
  type PipelinePlan,
  type TableRead,
  type TableWrite,
  userError,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { type Engine, SchemaMoved } from '@boathouse/engine';
import type { StreamPoint } from '@boathouse/streaming';
import { openEventLog } from './event-log.ts';
import { eventMaker } from './events.ts';
import type { FlowContext } from './flow.ts';
import { flowNodes, newUpdate, step, type UpdateEffect, type UpdateOperation } from './graph.ts';
import { runMaterialized } from './materialized.ts';
import { runStreaming } from './streaming-table.ts';

export interface UpdateOptions {
  engine: Engine;
  delta: Delta;
  store: ObjectStore;
  clock: () => number;
  /** Fresh unique ids (UUID text). */
  ids: () => string;
  plan: PipelinePlan;
  signal?: AbortSignal;
  onEvent(event: PipelineEvent): void;
  /** A commit, the moment it is durable. */
  onCommit(write: TableWrite): void;
  onRead(reads: TableRead[]): void;
  /** A table whose log shows other columns than the plan assumed; the flow has failed. */
  onSchemaMoved?(moved: SchemaMoved): void;
  /** A failure that is a bug: for the log of the process. */
  onBug?(error: unknown, dataset: string): void;
  /** Moments of the streams, for tests that end a process at them. */
  at?(point: StreamPoint, batchId: number, dataset: string): void | Promise<void>;
}

export interface UpdateEnd {
  state: 'COMPLETED' | 'FAILED' | 'CANCELED';
  /** Of each flow that failed by itself, in the order of their failing. */
  errors: { dataset: string; error: ErrorInfo }[];
}

/** Flows that run side by side: each uses all threads of the engine, so more would only share them. */
const FLOWS_AT_ONCE = 2;
const FLUSH_EVERY_MS = 5000;

/**
 * Runs an update: flows in the order of the graph, each as far as its inputs allow; a failed flow skips what needs it and
 * leaves the rest alone. Everything is told in events, which are also rows of the event log's table. Failures of flows are
 * in the answer; what is thrown (a log that cannot be written) ended the update itself.
 */
export async function runUpdate(options: UpdateOptions): Promise<UpdateEnd> {
  const { engine, delta, plan, signal } = options;
  const make = eventMaker(plan, options);
  const log = openEventLog({ delta, plan, onEvent: options.onEvent, onCommit: options.onCommit });
  // Outside of every flow's scope: the log of a cancelled update is written too.
  const flush = () => engine.scope({}, () => log.flush());
  let flushedAtMs = options.clock();
  const flushSometimes = async () => {
    if (options.clock() - flushedAtMs < FLUSH_EVERY_MS) return;
    flushedAtMs = options.clock();
    await flush();
  };

  const nodes = flowNodes(plan.flows);
  const flowOf = new Map(plan.flows.map((flow) => [flow.dataset, flow]));
  const errors: UpdateEnd['errors'] = [];
  let run = newUpdate(nodes);

  log.add(make.createUpdate());
  log.add(make.userAction());
  log.add(make.updateProgress('INITIALIZING'));
  for (const flow of plan.flows) {
    log.add(make.datasetDefinition(flow));
    log.add(make.flowDefinition(flow));
  }
  for (const flow of plan.flows) log.add(make.flowProgress(flow, 'QUEUED'));
  log.add(make.updateProgress('RUNNING'));
  await flush();

  const { promise, resolve, reject } = Promise.withResolvers<UpdateEnd['state']>();
  const move = (operation: UpdateOperation) => {
    const next = step(nodes, run, operation, FLOWS_AT_ONCE);
    run = next.run;
    for (const effect of next.effects) perform(effect);
  };
  const perform = (effect: UpdateEffect) => {
    switch (effect.type) {
      case 'start':
        return void start(flowOf.get(effect.dataset)!);
      case 'skip': {
        const flow = flowOf.get(effect.dataset)!;
        const because = effect.because === null ? '' : ` because '${effect.because}', which it reads, has failed`;
        const message = `Flow '${flow.name}' is ${effect.status}${because}.`;
        return log.add(make.flowProgress(flow, effect.status, { message }));
      }
      case 'finish':
        return resolve(effect.state);
    }
  };

  async function start(flow: FlowPlan): Promise<void> {
    const say = (status: FlowStatus, more?: Parameters<typeof make.flowProgress>[2]) =>
      log.add(make.flowProgress(flow, status, more));
    try {
      say('STARTING');
      say('RUNNING');
      const context: FlowContext = {
        ...options,
        signal,
        progress: (more) => say('RUNNING', more),
        changedFiles: (names) => log.add(make.changedFiles(flow, names)),
        missingFiles: (names) => log.add(make.missingFiles(flow, names)),
        committed: options.onCommit,
        read: options.onRead,
        at: async (point, batchId) => {
          await options.at?.(point, batchId, flow.dataset);
          if (point === 'sinkWritten') await flushSometimes();
        },
      };
      const work = flow.kind === 'streaming' ? runStreaming : runMaterialized;
      await engine.scope({ ...(signal ? { signal } : {}) }, () => work(context, flow));
      say('COMPLETED');
      await flushSometimes();
      move({ type: 'ended', dataset: flow.dataset, status: 'COMPLETED' });
    } catch (error) {
      try {
        fail(flow, error);
      } catch (failure) {
        reject(failure);
      }
    }
  }

  function fail(flow: FlowPlan, error: unknown): void {
    if (signal?.aborted || (error instanceof BoathouseError && error.code === 'CANCELLED')) {
      log.add(make.flowProgress(flow, 'STOPPED'));
      move({ type: 'ended', dataset: flow.dataset, status: 'STOPPED' });
      return;
    }
    const info = errorInfo(error instanceof SchemaMoved ? schemaMoved(error) : error);
    if (error instanceof SchemaMoved) options.onSchemaMoved?.(error);
    else if (info.code === 'INTERNAL_ERROR') options.onBug?.(error, flow.dataset);
    errors.push({ dataset: flow.dataset, error: info });
    log.add(
      make.flowProgress(flow, 'FAILED', {
        error: info,
        message: `Flow '${flow.name}' has FAILED: ${info.message}`,
      }),
    );
    move({ type: 'ended', dataset: flow.dataset, status: 'FAILED' });
  }

  const cancel = () => move({ type: 'cancel' });
  signal?.addEventListener('abort', cancel, { once: true });
  move(signal?.aborted ? { type: 'cancel' } : { type: 'begin' });
  try {
    const state = await promise;
    log.add(make.updateProgress(state, errors[0]?.error));
    await flush();
    return { state, errors };
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

const schemaMoved = ({ fullName }: SchemaMoved) =>
  userError('SCHEMA_MOVED', `The columns of ${fullName} have changed since this update was prepared. Run it again.`, {
    status: 409,
  });
