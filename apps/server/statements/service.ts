import { randomUUID } from 'node:crypto';
import {
  BoathouseError,
  type ErrorInfo,
  ExecuteStatementRequest,
  isFinal,
  type Principal,
  type StatementResponse,
  type StatementResultData,
  type StatementState,
  userError,
} from '@boathouse/contracts';
import type { Engines } from '../engines/index.ts';
import type { RunHooks, RunRecord, RunService, Sessions } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { type Chunk, chunkBytes, chunksOf, stringChunk } from './chunks.ts';
import { createLinks } from './links.ts';
import { statementColumn } from './values.ts';

export interface StatementCaller {
  principal: Principal;
  workspaceId: string;
  /** `http://host:port` as the client sees us, for links. */
  origin: string;
  receivedAt?: number;
}

export interface Statements {
  execute(caller: StatementCaller, request: ExecuteStatementRequest): Promise<StatementResponse>;
  get(caller: StatementCaller, id: string): Promise<StatementResponse>;
  chunk(caller: StatementCaller, id: string, index: number): Promise<StatementResultData>;
  cancel(caller: StatementCaller, id: string): Promise<void>;
  close(caller: StatementCaller, id: string): Promise<void>;
  /** Bytes behind a signed link. */
  link(token: string): Promise<{ type: string; bytes: Uint8Array }>;
}

interface Statement {
  run: RunRecord;
  request: ExecuteStatementRequest;
  closed: boolean;
}

const LINK_LIFE_MS = 15 * 60_000;

const states: Record<RunRecord['state'], StatementState> = {
  queued: 'PENDING',
  running: 'RUNNING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'CANCELED',
  lost: 'FAILED',
};

const invalid = (message: string) => userError('INVALID_PARAMETER_VALUE', message);

/** Databricks' statement API over runs: a statement is a run of its own, in a session of its own unless one is named. */
export function createStatements(options: {
  base: BaseServices;
  runs: RunService;
  sessions: Sessions;
  engines: Pick<Engines, 'open'>;
  principalOf: RunHooks['principalOf'];
}): Statements {
  const { base, runs, sessions, engines, principalOf } = options;
  const links = createLinks(base.installationKey, base.clock);

  async function find(id: string, caller: { principal: Principal; workspaceId: string } | null): Promise<Statement> {
    const { rows } = await base.pool.query<{
      principalId: string;
      workspaceId: string;
      request: unknown;
      closedAt: Date | null;
    }>('SELECT "principalId", "workspaceId", request, "closedAt" FROM api_statement WHERE id = $1', [id]);
    const row = rows[0];
    const mine =
      row &&
      (!caller ||
        (row.workspaceId === caller.workspaceId &&
          (row.principalId === caller.principal.userId || caller.principal.admin)));
    const run = mine ? await runs.get(row.workspaceId, id) : null;
    if (!row || !run)
      throw userError('RESOURCE_DOES_NOT_EXIST', `The statement ${id} does not exist.`, { status: 404 });
    return { run, request: ExecuteStatementRequest.parse(row.request), closed: row.closedAt !== null };
  }

  /** The attached engine that the warehouse is; undefined for the embedded one. Throws RESOURCE_DOES_NOT_EXIST. */
  async function engineOf(caller: StatementCaller, request: ExecuteStatementRequest): Promise<string | undefined> {
    const { warehouse_id: id } = request;
    try {
      return (await engines.open(caller, id))?.engineId;
    } catch (error) {
      if (!(error instanceof BoathouseError) || error.code !== 'ENGINE_NOT_FOUND') throw error;
      throw userError(
        'RESOURCE_DOES_NOT_EXIST',
        `There is no warehouse ${id}. GET /api/2.0/sql/warehouses lists them.`,
        { status: 404 },
      );
    }
  }

  async function answer(caller: StatementCaller, statement: Statement): Promise<StatementResponse> {
    const { run, request } = statement;
    const withheld = isFinal(run.state) ? await runs.withheld(caller.principal, run) : null;
    const response: StatementResponse = { statement_id: run.id, status: statusOf(statement, withheld) };
    if (run.state !== 'succeeded' || statement.closed) return response;
    refuse(withheld);
    const manifest = run.result;
    const format = request.format ?? 'JSON_ARRAY';
    const rowLimit = request.row_limit || null;
    const chunks = manifest ? chunksOf(manifest, rowLimit) : [];
    const columns = manifest?.columns ?? [];
    response.manifest = {
      format,
      schema: { column_count: columns.length, columns: columns.map(statementColumn) },
      total_chunk_count: chunks.length,
      chunks,
      total_row_count: chunks.reduce((sum, chunk) => sum + chunk.row_count, 0),
      total_byte_count: chunks.reduce((sum, chunk) => sum + chunk.byte_count, 0),
      truncated: !!manifest && (manifest.truncated || (rowLimit !== null && manifest.rowCount > rowLimit)),
    };
    response.result = chunks[0]
      ? await chunkData(caller, statement, chunks, 0)
      : request.disposition === 'EXTERNAL_LINKS'
        ? {}
        : { data_array: [] };
    return response;
  }

  async function chunkData(
    caller: StatementCaller,
    { run, request }: Statement,
    chunks: Chunk[],
    index: number,
  ): Promise<StatementResultData> {
    const chunk = chunks[index];
    if (!chunk || !run.result) throw invalid(`The result has ${chunks.length} chunks; there is no chunk ${index}.`);
    const next = chunks[index + 1]
      ? {
          next_chunk_index: index + 1,
          next_chunk_internal_link: `/api/2.0/sql/statements/${run.id}/result/chunks/${index + 1}?row_offset=${chunks[index + 1]!.row_offset}`,
        }
      : {};
    if (request.disposition !== 'EXTERNAL_LINKS')
      return { ...chunk, ...next, data_array: await stringChunk(base.store, run.result, chunk) };
    const expiresAtMs = base.clock() + LINK_LIFE_MS;
    const token = links.token({
      statementId: run.id,
      chunk: index,
      expiresAtMs,
      userId: caller.principal.userId,
    });
    const link = {
      ...chunk,
      ...next,
      external_link: `${caller.origin}/api/2.0/boathouse/statement-links/${token}`,
      expiration: new Date(expiresAtMs).toISOString(),
    };
    return { external_links: [link] };
  }

  return {
    async execute(caller, request) {
      const waitMs = waitTimeout(request);
      refuseUnsupported(request);
      const engine = await engineOf(caller, request);
      const id = randomUUID();
      const session = request.session_id
        ? await sessions.ofClient(caller.workspaceId, request.session_id, caller.principal)
        : sessions.passing(id, {
            ...(request.catalog ? { catalog: request.catalog } : {}),
            ...(request.schema ? { schema: request.schema } : {}),
          });
      await base.pool.query(
        `INSERT INTO api_statement (id, "workspaceId", "principalId", "runId", request) VALUES ($1, $2, $3, $1, $4::jsonb)`,
        [id, caller.workspaceId, caller.principal.userId, JSON.stringify(request)],
      );
      await runs.start({
        id,
        kind: 'statement',
        workspaceId: caller.workspaceId,
        principal: caller.principal,
        session,
        language: 'sql',
        text: request.statement,
        parameters: request.parameters?.map((it) => ({
          name: it.name,
          value: it.value ?? null,
          type: it.type ?? 'STRING',
        })),
        receivedAt: caller.receivedAt,
        ...(engine === undefined ? {} : { engine }),
      });
      let run = await runs.waitFor(id, waitMs);
      if (!isFinal(run.state) && request.on_wait_timeout === 'CANCEL') {
        await runs.cancel(id);
        run = await runs.waitFor(id, 6000);
      }
      return answer(caller, { run, request, closed: false });
    },
    get: async (caller, id) => answer(caller, await find(id, caller)),
    async chunk(caller, id, index) {
      const statement = await find(id, caller);
      const { run } = statement;
      if (statement.closed)
        throw userError('RESOURCE_DOES_NOT_EXIST', `The statement ${id} was closed.`, { status: 404 });
      if (run.state !== 'succeeded' || !run.result)
        throw invalid(`The statement ${id} has no result: its state is ${states[run.state]}.`);
      refuse(await runs.withheld(caller.principal, run));
      return chunkData(caller, statement, chunksOf(run.result, statement.request.row_limit || null), index);
    },
    async cancel(caller, id) {
      await find(id, caller);
      await runs.cancel(id);
    },
    async close(caller, id) {
      const { run } = await find(id, caller);
      if (!isFinal(run.state)) await runs.cancel(id);
      await base.pool.query('UPDATE api_statement SET "closedAt" = now() WHERE id = $1 AND "closedAt" IS NULL', [id]);
    },
    async link(token) {
      const { statementId, chunk, userId } = links.open(token);
      const { run, request, closed } = await find(statementId, null);
      refuse(await runs.withheld(await principalOf(userId, run.workspaceId), run));
      const found = run.result && !closed ? chunksOf(run.result, request.row_limit || null)[chunk] : undefined;
      if (!run.result || !found)
        throw userError('RESOURCE_DOES_NOT_EXIST', 'The result behind this link is gone.', { status: 404 });
      return chunkBytes(base.store, run.result, found, request.format ?? 'JSON_ARRAY');
    },
  };
}

type Withheld = Awaited<ReturnType<RunService['withheld']>>;

/** A grant that was revoked since takes the rows with it. Throws PERMISSION_DENIED, which says whom to ask. */
function refuse(withheld: Withheld): void {
  if (withheld) throw userError('PERMISSION_DENIED', withheld.message, { status: 403 });
}

/** An engine's message may quote a value of a row, so it is withheld with the rows. */
function statusOf({ run, closed }: Statement, withheld: Withheld): StatementResponse['status'] {
  const state = closed ? 'CLOSED' : states[run.state];
  if (!run.error || (state !== 'FAILED' && state !== 'CLOSED')) return { state };
  const { error } = run;
  return {
    state,
    error: {
      error_code: errorCode(error),
      message: `[${error.code}] ${withheld?.message ?? error.message}${error.sqlState ? ` SQLSTATE: ${error.sqlState}` : ''}`,
    },
    ...(error.sqlState ? { sql_state: error.sqlState } : {}),
  };
}

/** The few codes that clients of the statement API know; our own code leads the message. */
function errorCode(error: ErrorInfo): string {
  if (error.code === 'COMPUTE_UNAVAILABLE' || error.code === 'RUN_LOST') return 'TEMPORARILY_UNAVAILABLE';
  if (error.code === 'OUT_OF_MEMORY') return 'RESOURCE_EXHAUSTED';
  return error.fault === 'user' ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
}

/** Milliseconds of `wait_timeout`. Throws INVALID_PARAMETER_VALUE. */
function waitTimeout(request: ExecuteStatementRequest): number {
  const match = /^(\d+)s$/.exec(request.wait_timeout ?? '10s');
  const seconds = match ? Number(match[1]) : Number.NaN;
  if (!(seconds === 0 || (seconds >= 5 && seconds <= 50)))
    throw invalid('wait_timeout must be "0s", or between "5s" and "50s".');
  if (seconds === 0 && request.on_wait_timeout === 'CANCEL')
    throw invalid('on_wait_timeout CANCEL needs a wait_timeout above "0s".');
  return seconds * 1000;
}

/** What is not honoured is refused by name. */
function refuseUnsupported(request: ExecuteStatementRequest): void {
  const format = request.format ?? 'JSON_ARRAY';
  if ((request.disposition ?? 'INLINE') === 'INLINE' && format !== 'JSON_ARRAY')
    throw invalid(`format ${format} needs disposition EXTERNAL_LINKS.`);
  if (request.byte_limit) throw invalid('byte_limit is not supported. Use row_limit.');
  if (request.session_id && (request.catalog || request.schema))
    throw invalid('catalog and schema belong to the session where session_id is given.');
  const marked = request.parameters?.find((it) => /^\d+$/.test(it.name));
  if (marked) throw invalid('Parameters are named: write :name in the statement.');
}
