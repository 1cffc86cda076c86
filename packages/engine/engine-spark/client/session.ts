import { randomUUID } from 'node:crypto';
import type { BoathouseError, PlanEngine } from '@boathouse/contracts';
import { type AnswerColumn, answerColumns } from '../proto/data-type.ts';
import { INTERRUPT_OPERATION_ID, type Plan, SAVE_MODE_OVERWRITE } from '../proto/messages.ts';
import { Channel } from './channel.ts';
import { type ExecuteResponse, execute } from './execution.ts';
import { connectionError, failureOf, isForgotten } from './failure.ts';
import * as methods from './methods.ts';
import { percentOf } from './progress.ts';
import { sparkError } from './spark-error.ts';

/** How long to wait for a server before saying that it is away; milliseconds. */
export interface Patience {
  /** For the first answer of a server. */
  connectMs: number;
  /** For the answer to a small call. */
  callMs: number;
  /** For the columns of a query: Spark may have to read the logs of its tables first. */
  analyseMs: number;
  /** Between breaks of a connection and giving up the statement. */
  awayMs: number;
  /** Without any message before the server is asked whether it is alive. */
  silentMs: number;
  /** For a cancelled statement to begin its first job, so that it can be ended. */
  settleMs: number;
}
export const DEFAULT_PATIENCE: Patience = {
  connectMs: 12_000,
  callMs: 12_000,
  analyseMs: 120_000,
  awayMs: 12_000,
  silentMs: 10_000,
  settleMs: 6_000,
};

export interface SessionPart {
  sessionId: string;
  userContext: { userId: string; userName: string };
  clientType: string;
  /** What the server calls the session; it changes where the server was restarted. */
  observedSessionId?: string;
}

type PlanMessage = ReturnType<(typeof Plan)['decode']>;

export interface RunOptions {
  signal?: AbortSignal;
  /** Percent done, 0 to 100. */
  onProgress?(percent: number): void;
}

/** Rows on their way: each item is an Arrow IPC stream of its own. */
export interface SparkAnswer {
  columns: AnswerColumn[];
  batches: AsyncIterable<Uint8Array>;
}

/** One session at a Spark Connect server. Many statements may run in it at a time. */
export class SparkSession {
  readonly engine: PlanEngine;
  /** `4.2.1`; empty where the server does not tell. */
  readonly version: string;
  /** The server has forgotten it: open another. */
  forgotten = false;
  private readonly channel: Channel;
  private readonly part: SessionPart;
  private readonly patience: Patience;
  private readonly closing = new AbortController();

  private constructor(channel: Channel, part: SessionPart, patience: Patience, version: string) {
    this.channel = channel;
    this.engine = channel.engine;
    this.part = part;
    this.patience = patience;
    this.version = version;
  }

  /**
   * Connects and asks for the version. Throws ENGINE_ADDRESS, ENGINE_UNREACHABLE, ENGINE_TLS, ENGINE_TOKEN_REFUSED. Settings
   * that the server does not have are left out.
   */
  static async open(
    engine: PlanEngine,
    user: string,
    settings: Readonly<Record<string, string>> = {},
    patience: Patience = DEFAULT_PATIENCE,
  ): Promise<SparkSession> {
    const channel = new Channel(engine);
    const part: SessionPart = {
      sessionId: randomUUID(),
      userContext: { userId: user, userName: user },
      clientType: 'boathouse',
    };
    try {
      const { sparkVersion, serverSessionId } = await channel
        .call(methods.analyzePlan, { ...part, sparkVersion: {} }, { timeoutMs: patience.connectMs })
        .catch((error: unknown) => {
          const failure = failureOf(error);
          if (!failure) throw error;
          // Sail takes its version from a Python package that need not be there.
          if (!failure.condition && /PySpark version/.test(failure.text))
            return { sparkVersion: { version: '' }, serverSessionId: undefined };
          throw sparkError(failure, null) ?? connectionError(engine, failure);
        });
      const observed = serverSessionId ? { ...part, observedSessionId: serverSessionId } : part;
      const session = new SparkSession(channel, observed, patience, sparkVersion?.version ?? '');
      if (Object.keys(settings).length) await session.set(settings, { silent: true });
      return session;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** Changes settings. `silent`: those that cannot be changed stay as they are. */
  async set(settings: Readonly<Record<string, string>>, { silent = false } = {}): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }));
    await this.call(methods.config, { ...this.part, operation: { set: { pairs, ...(silent ? { silent } : {}) } } });
  }

  /** Values of settings; those that are not set are left out. */
  async get(keys: string[]): Promise<Record<string, string>> {
    const { pairs = [] } = await this.call(methods.config, { ...this.part, operation: { getOption: { keys } } });
    return Object.fromEntries(
      pairs.flatMap(({ key, value }) => (key !== undefined && value !== undefined ? [[key, value]] : [])),
    );
  }

  async unset(keys: string[]): Promise<void> {
    await this.call(methods.config, { ...this.part, operation: { unset: { keys } } });
  }

  /** Columns of a query; nothing runs. */
  async schema(query: string): Promise<AnswerColumn[]> {
    const plan = { root: { sql: { query } } };
    const { schema } = await this.call(
      methods.analyzePlan,
      { ...this.part, schema: { plan } },
      this.patience.analyseMs,
    );
    return answerColumns(schema?.schema ?? {});
  }

  /** Runs a query; returns when its columns are known. Read the batches, or leave them: that ends the query. */
  async query(query: string, options: RunOptions = {}): Promise<SparkAnswer> {
    return this.answer({ root: { sql: { query } } }, options, () => this.schema(query));
  }

  /** Runs any statement: what it does is done when this returns, and its rows, if any, follow. */
  async statement(sql: string, options: RunOptions = {}): Promise<SparkAnswer> {
    const plan = { command: { sqlCommand: { sql, input: { sql: { query: sql } } } } };
    for await (const { sqlCommandResult } of this.run(plan, options))
      if (sqlCommandResult?.relation)
        return this.answer({ root: sqlCommandResult.relation }, options, () => this.schema(sql));
    return { columns: [], batches: nothing() };
  }

  /** Writes the rows of a query as files of Parquet into the folder of a URL, instead of what is there. */
  async writeParquet(query: string, url: string, options: RunOptions = {}): Promise<void> {
    const writeOperation = {
      input: { sql: { query } },
      source: 'parquet',
      path: url,
      mode: SAVE_MODE_OVERWRITE,
    };
    for await (const _ of this.run({ command: { writeOperation } }, options));
  }

  /** Ends the session at the server, which may be away. */
  async close(): Promise<void> {
    this.closing.abort();
    if (!this.forgotten)
      await this.channel.call(methods.releaseSession, this.part, { timeoutMs: 2_000 }).catch(() => {});
    this.channel.close();
  }

  private async answer(
    plan: PlanMessage,
    options: RunOptions,
    schemaOf: () => Promise<AnswerColumn[]>,
  ): Promise<SparkAnswer> {
    const responses = this.run(plan, options);
    const held: ExecuteResponse[] = [];
    try {
      for (;;) {
        const { value, done } = await responses.next();
        if (done) return { columns: await schemaOf(), batches: batchesOf(held, responses) };
        if (value.schema) return { columns: answerColumns(value.schema), batches: batchesOf([value], responses) };
        if (value.arrowBatch) {
          held.push(value);
          return { columns: await schemaOf(), batches: batchesOf(held, responses) };
        }
      }
    } catch (error) {
      await responses.return(undefined);
      throw error;
    }
  }

  private async *run(plan: PlanMessage, { signal, onProgress }: RunOptions): AsyncGenerator<ExecuteResponse> {
    const { channel, part, patience } = this;
    const operationId = randomUUID();
    const responses = execute(
      {
        channel,
        part,
        operationId,
        patience,
        signal: signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal,
        explain: (error) => this.explain(error),
        alive: () => this.alive(),
        interrupt: () =>
          channel
            .call(
              methods.interrupt,
              { ...part, type: INTERRUPT_OPERATION_ID, operationId },
              { timeoutMs: patience.callMs },
            )
            .then(
              () => {},
              () => {},
            ),
        onForgotten: () => {
          this.forgotten = true;
        },
      },
      plan,
    );
    for await (const response of responses) {
      if (response.progress) onProgress?.(percentOf(response.progress));
      yield response;
    }
  }

  private async alive(): Promise<boolean> {
    return this.channel
      .call(methods.analyzePlan, { ...this.part, sparkVersion: {} }, { timeoutMs: this.patience.callMs })
      .then(
        () => true,
        (error) => {
          const failure = failureOf(error);
          // Whatever it says of the session, somebody said it.
          return failure !== null && failure.condition !== undefined;
        },
      );
  }

  private async call<Request, Response>(
    method: methods.Method<Request, Response>,
    request: Request,
    timeoutMs = this.patience.callMs,
  ): Promise<Response> {
    try {
      return await this.channel.call(method, request, { timeoutMs });
    } catch (error) {
      throw await this.explain(error);
    }
  }

  /** A failed call as Spark's error with all that it knows, or as what is wrong with the connection. */
  private async explain(error: unknown): Promise<BoathouseError> {
    const failure = failureOf(error);
    if (!failure) throw error;
    if (isForgotten(failure)) this.forgotten = true;
    const { channel, part, patience } = this;
    const details = failure.errorId
      ? await channel
          .call(methods.fetchErrorDetails, { ...part, errorId: failure.errorId }, { timeoutMs: patience.callMs })
          .catch(() => null)
      : null;
    return sparkError(failure, details) ?? connectionError(channel.engine, failure);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Arrow streams of the responses: a batch that was cut into chunks is one again. */
async function* batchesOf(
  held: readonly ExecuteResponse[],
  rest: AsyncGenerator<ExecuteResponse>,
): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  const whole = ({ arrowBatch }: ExecuteResponse): Uint8Array | null => {
    if (!arrowBatch?.data) return null;
    chunks.push(arrowBatch.data);
    if (chunks.length < (arrowBatch.chunks ?? 1)) return null;
    const batch = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks = [];
    return batch;
  };
  try {
    for (const response of held) {
      const batch = whole(response);
      if (batch) yield batch;
    }
    for await (const response of rest) {
      const batch = whole(response);
      if (batch) yield batch;
    }
  } finally {
    await rest.return(undefined);
  }
}
