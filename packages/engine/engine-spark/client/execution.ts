import { type BoathouseError, systemError } from '@boathouse/contracts';
import { type ClientReadableStream, status } from '@grpc/grpc-js';
import type { ExecutePlanRequest, ExecutePlanResponse } from '../proto/messages.ts';
import type { Channel } from './channel.ts';
import { cancelled, connectionError, failureOf, isBreak, isForgotten } from './failure.ts';
import * as methods from './methods.ts';
import type { Patience, SessionPart } from './session.ts';

type Request = ReturnType<(typeof ExecutePlanRequest)['decode']>;
export type ExecuteResponse = ReturnType<(typeof ExecutePlanResponse)['decode']>;

export interface ExecutionDeps {
  channel: Channel;
  /** Session and user as each request names them. */
  part: SessionPart;
  operationId: string;
  patience: Patience;
  signal: AbortSignal;
  /** Spark's own error of a failed call. */
  explain(error: unknown): Promise<BoathouseError>;
  /** Whether the server answers a small question. */
  alive(): Promise<boolean>;
  /** Tells the server to end the operation. Never rejects. */
  interrupt(): Promise<void>;
  /** The server has forgotten the session. */
  onForgotten(): void;
}

/**
 * Runs a plan as a reattachable execution: the server keeps what it sent until it is released, so a broken connection costs
 * nothing but time. Gives the responses in order, each once. Ends with Spark's error, CANCELLED, ENGINE_UNREACHABLE (away
 * for longer than `patience.awayMs`) or ENGINE_RESTARTED (what it had sent is lost with it).
 */
export async function* execute(deps: ExecutionDeps, plan: Request['plan']): AsyncGenerator<ExecuteResponse> {
  const { channel, part, operationId, patience, signal } = deps;
  const request: Request = {
    ...part,
    operationId,
    plan,
    requestOptions: [{ reattach: { reattachable: true } }, { chunking: { allowArrowBatchChunking: true } }],
  };
  let lastResponseId: string | undefined;
  let awaySinceMs: number | undefined;
  let attempt = 0;
  let begun = false;
  let complete = false;
  let working = false;
  const release = releaser(deps);
  try {
    while (!complete) {
      if (signal.aborted) throw cancelled();
      const call = begun
        ? channel.stream(methods.reattachExecute, {
            ...part,
            operationId,
            ...(lastResponseId ? { lastResponseId } : {}),
          })
        : channel.stream(methods.executePlan, request);
      begun = true;
      try {
        for await (const response of watched(call, deps)) {
          awaySinceMs = undefined;
          attempt = 0;
          if (hasWork(response.progress)) working = true;
          if (response.responseId) lastResponseId = response.responseId;
          if (response.resultComplete) {
            complete = true;
            break;
          }
          yield response;
          if (response.arrowBatch && lastResponseId) release(lastResponseId);
        }
        // A stream that ends without its mark goes on elsewhere: servers end each after a few minutes.
      } catch (error) {
        if (signal.aborted) throw cancelled();
        const failure = failureOf(error);
        if (!failure) throw error;
        if (isForgotten(failure)) {
          deps.onForgotten();
          complete = true;
          throw lastResponseId ? restarted(channel.engine.name, failure.text) : new ForgottenBeforeAnswer();
        }
        if (!isBreak(failure)) {
          complete = true;
          throw await deps.explain(error);
        }
        awaySinceMs ??= Date.now();
        if (Date.now() - awaySinceMs > patience.awayMs) throw connectionError(channel.engine, failure);
        await pause(Math.min(100 * 2 ** attempt++, 2_000), signal);
      }
    }
  } finally {
    if (complete) release(null);
    else if (begun) void end(deps, working, lastResponseId).then(() => release(null));
  }
}

/** The session went before the plan had an answer: the same plan may run in a new one. */
export class ForgottenBeforeAnswer extends Error {}

const restarted = (name: string, detail: string): BoathouseError =>
  systemError(
    'ENGINE_RESTARTED',
    `The Spark server of ${name} was restarted while this ran, and what it had computed is gone. Run it again.`,
    { status: 503, detail },
  );

/**
 * Reads a stream, and asks whether the server is alive where nothing comes for a while: a connection can be dead without
 * anybody saying so. Leaving early, or the signal, ends the call.
 */
async function* watched(
  call: ClientReadableStream<ExecuteResponse>,
  { patience, signal, alive, channel }: ExecutionDeps,
): AsyncGenerator<ExecuteResponse> {
  const stop = () => call.cancel();
  signal.addEventListener('abort', stop, { once: true });
  let waiting = true;
  let dead = false;
  let lastMs = Date.now();
  const watch = setInterval(
    () => {
      if (!waiting || Date.now() - lastMs < patience.silentMs) return;
      lastMs = Date.now();
      void alive().then((yes) => {
        if (yes || !waiting) return;
        dead = true;
        channel.reset();
        call.cancel();
      });
    },
    Math.min(patience.silentMs, 1_000),
  );
  try {
    for await (const response of call) {
      waiting = false;
      yield response;
      waiting = true;
      lastMs = Date.now();
    }
  } catch (error) {
    throw dead ? silent() : error;
  } finally {
    waiting = false;
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
    // Its end was read above; what comes of the cancelling is nobody's.
    call.on('error', () => {});
    call.cancel();
  }
}

/** In gRPC's own form: such a connection is broken like any other. */
const silent = (): Error =>
  Object.assign(new Error('the connection is silent'), {
    code: status.UNAVAILABLE,
    details: 'the connection is silent',
  });

/**
 * Ends an operation that nobody reads any more. Spark 4.2 loses an interrupt that comes between a query's planning and its
 * first job, and the job then runs to its end: so where no job was told of yet, the first one is waited for.
 */
async function end(deps: ExecutionDeps, working: boolean, lastResponseId: string | undefined): Promise<void> {
  if (!working) await firstJob(deps, lastResponseId).catch(() => {});
  await deps.interrupt();
}

async function firstJob(
  { channel, part, operationId, patience }: ExecutionDeps,
  lastResponseId?: string,
): Promise<void> {
  const from = lastResponseId ? { lastResponseId } : {};
  const call = channel.stream(methods.reattachExecute, { ...part, operationId, ...from });
  const limit = setTimeout(() => call.cancel(), patience.settleMs);
  try {
    for await (const response of call) {
      const { progress, resultComplete }: ExecuteResponse = response;
      if (resultComplete || hasWork(progress)) return;
    }
  } finally {
    clearTimeout(limit);
    call.on('error', () => {});
    call.cancel();
  }
}

/** Whether Spark has tasks for the plan. */
const hasWork = (progress: ExecuteResponse['progress']): boolean =>
  (progress?.stages ?? []).some(({ tasks }) => tasks !== undefined && tasks > 0);

/** Tells the server what was received; `null`: all. One call at a time, the newest wins: it says all of the older. */
function releaser({ channel, part, operationId, patience }: ExecutionDeps): (until: string | null) => void {
  let running = false;
  let next: { until: string | null } | null = null;
  const send = async () => {
    running = true;
    while (next) {
      const { until } = next;
      next = null;
      const what = until === null ? { releaseAll: {} } : { releaseUntil: { responseId: until } };
      // Servers drop forgotten executions by themselves.
      await channel
        .call(methods.releaseExecute, { ...part, operationId, ...what }, { timeoutMs: patience.callMs })
        .catch(() => {});
    }
    running = false;
  };
  return (until) => {
    next = { until };
    if (!running) void send();
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
