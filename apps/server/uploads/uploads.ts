import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { checkColumnNames, checkName, columnNameOf, tableNameOf } from '@boathouse/catalog';
import {
  Column,
  InferFilesAnswer,
  isFinal,
  type LoadUpload,
  type ObjectStore,
  parseType,
  type UploadInfo,
  type UploadPreview,
  userError,
} from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { EventBus } from '../bus.ts';
import type { Compute } from '../compute/index.ts';
import { listen } from '../events/index.ts';
import { receive, type Who } from '../files/index.ts';
import type { Planning } from '../planning/index.ts';
import type { Runs, Sessions } from '../runs/index.ts';

/** How long an upload that nobody loads is kept. */
const keepMs = 24 * 60 * 60 * 1000;
/** One that is still coming in, without a word of the server that receives it. */
const receivingLeaseMs = 120_000;
const sweepEveryMs = 60_000;
/** A preview reads the beginning of a file only; a gzip of 300 MB must be unpacked to get there. */
const previewTimeoutMs = 120_000;

export interface Uploads {
  /** Streams a body to disk: the whole file, or nothing. Throws FILE_EMPTY, REQUEST_INCOMPLETE, REQUEST_TIMEOUT. */
  receive(who: Who, fileName: string, body: IncomingMessage): Promise<UploadInfo>;
  /** The same for bytes that the server has itself. */
  keep(who: Who, fileName: string, bytes: Uint8Array): Promise<UploadInfo>;
  list(who: Who): Promise<UploadInfo[]>;
  preview(
    who: Who,
    uploadId: string,
    request: { format?: string; options: Record<string, string>; rows: number },
  ): Promise<UploadPreview>;
  /** Starts the import; repeating the run's id starts nothing twice. */
  load(who: Who, uploadId: string, request: LoadUpload): Promise<{ runId: string; tableId: string; fullName: string }>;
  /** Cancels a running import and forgets the file. */
  discard(who: Who, uploadId: string): Promise<void>;
  /** Forgets what ran out and what was loaded. */
  sweep(): Promise<void>;
  start(): void;
  stop(): void;
}

export interface UploadsOptions {
  pool: Pool;
  store: ObjectStore;
  log: Logger;
  clock: () => number;
  bus: EventBus;
  compute: Pick<Compute, 'ask'>;
  planning: Planning;
  runs: Pick<Runs, 'start' | 'get' | 'cancel'>;
  sessions: Pick<Sessions, 'passing'>;
  /** A half-received file whose server says nothing for so long is swept by any other. */
  leaseMs?: number;
}

const Row = z.object({
  id: z.string(),
  workspaceId: z.string(),
  userId: z.string(),
  fileName: z.string(),
  sizeBytes: z.coerce.number(),
  state: z.enum(['receiving', 'received', 'loaded']),
  location: z.string(),
  runId: z.string().nullable(),
  createdAt: z.date(),
  expiresAt: z.date(),
});
type Row = z.infer<typeof Row>;

const PreviewAnswer = InferFilesAnswer.extend({ rows: z.array(z.array(z.unknown())) });

const noUpload = (id: string) =>
  userError(
    'UPLOAD_NOT_FOUND',
    `There is no upload ${id}. It was loaded or discarded, or it ran out after a day: send the file again.`,
    { status: 404 },
  );

/** The last part of a path, as a segment of a storage key. */
export function safeFileName(fileName: string): string {
  const name = (fileName.split(/[\\/]/).at(-1) ?? '').replace(/[\p{Cc}]/gu, '').trim();
  const cut = Buffer.byteLength(name) > 200 ? name.slice(-60) : name;
  return cut === '' || cut === '.' || cut === '..' ? 'file' : cut;
}

export function createUploads(options: UploadsOptions): Uploads {
  const { pool, store, log, planning, runs, sessions, clock } = options;
  const leaseMs = options.leaseMs ?? receivingLeaseMs;
  const renewals = new Set<NodeJS.Timeout>();
  let timer: NodeJS.Timeout | null = null;
  let unlisten: (() => void) | null = null;
  /** Imports that this server started; the sweep finds those of others. */
  const loading = new Set<string>();

  async function own(who: Who, uploadId: string): Promise<Row> {
    const { rows } = await pool.query('SELECT * FROM upload WHERE id = $1 AND "workspaceId" = $2 AND "userId" = $3', [
      uploadId,
      who.workspaceId,
      who.principal.userId,
    ]);
    const row = rows[0] && Row.parse(rows[0]);
    if (!row || row.state === 'receiving') throw noUpload(uploadId);
    return row;
  }

  const shown = (row: Row): UploadInfo => ({
    uploadId: row.id,
    fileName: row.fileName,
    sizeBytes: row.sizeBytes,
    state: row.state === 'loaded' ? 'loaded' : 'received',
    runId: row.runId,
    createdAtMs: row.createdAt.getTime(),
    expiresAtMs: row.expiresAt.getTime(),
    suggestedName: tableNameOf(row.fileName),
  });

  /** The row comes first: whatever a crash leaves on disk belongs to a row that runs out. */
  async function take(who: Who, fileName: string, fill: (key: string) => Promise<number>): Promise<UploadInfo> {
    const id = randomUUID();
    const name = safeFileName(fileName);
    const location = `uploads/${who.workspaceId}/${id}/${name}`;
    await pool.query(
      `INSERT INTO upload (id, "workspaceId", "userId", "fileName", "sizeBytes", state, location, "expiresAt")
        VALUES ($1, $2, $3, $4, 0, 'receiving', $5, to_timestamp($6::float8 / 1000))`,
      [id, who.workspaceId, who.principal.userId, name, location, clock() + leaseMs],
    );
    const renewal = setInterval(() => {
      pool
        .query('UPDATE upload SET "expiresAt" = to_timestamp($2::float8 / 1000) WHERE id = $1', [id, clock() + leaseMs])
        .catch((error: unknown) => log.warn({ err: error }, 'the lease of an upload could not be renewed'));
    }, leaseMs / 4);
    renewals.add(renewal);
    try {
      const sizeBytes = await fill(location);
      if (sizeBytes === 0)
        throw userError('FILE_EMPTY', `The file ${name} is empty: it has 0 bytes. Choose a file with rows.`);
      const { rows } = await pool.query(
        `UPDATE upload SET state = 'received', "sizeBytes" = $2, "expiresAt" = to_timestamp($3::float8 / 1000) WHERE id = $1 RETURNING *`,
        [id, sizeBytes, clock() + keepMs],
      );
      if (!rows[0])
        throw userError('UPLOAD_INTERRUPTED', `The server stood still while ${name} was received. Send it again.`, {
          status: 409,
        });
      return shown(Row.parse(rows[0]));
    } catch (error) {
      await forget({ id, location });
      throw error;
    } finally {
      clearInterval(renewal);
      renewals.delete(renewal);
    }
  }

  async function forget(row: { id: string; location: string }): Promise<void> {
    await store.deletePrefix(row.location.slice(0, row.location.lastIndexOf('/') + 1));
    await pool.query('DELETE FROM upload WHERE id = $1', [row.id]);
  }

  async function loaded(runId: string): Promise<void> {
    const { rows } = await pool.query<{ id: string; location: string }>(
      `UPDATE upload SET state = 'loaded' WHERE "runId" = $1 RETURNING id, location`,
      [runId],
    );
    for (const row of rows) await store.deletePrefix(row.location.slice(0, row.location.lastIndexOf('/') + 1));
  }

  const infer = async (row: Row) =>
    InferFilesAnswer.parse(
      await options.compute.ask({ ask: 'inferFiles', request: { location: row.location, options: {} } }),
    );

  const service: Uploads = {
    receive: (who, fileName, body) =>
      take(who, fileName, async (key) => (await receive(body, await store.writer(key))).sizeBytes),
    keep: (who, fileName, bytes) =>
      take(who, fileName, async (key) => {
        await store.put(key, bytes);
        return bytes.length;
      }),

    async list(who) {
      const { rows } = await pool.query(
        `SELECT * FROM upload WHERE "workspaceId" = $1 AND "userId" = $2 AND state = 'received' ORDER BY "createdAt" DESC`,
        [who.workspaceId, who.principal.userId],
      );
      return rows.map((row) => shown(Row.parse(row)));
    },

    async preview(who, uploadId, { format, options: readOptions, rows }) {
      const row = await own(who, uploadId);
      if (row.state === 'loaded') throw noUpload(uploadId);
      const request = {
        location: row.location,
        ...(format === undefined ? {} : { format: InferFilesAnswer.shape.format.parse(format) }),
        options: readOptions,
      };
      const answer = PreviewAnswer.parse(
        await options.compute.ask({ ask: 'previewFiles', request, rows }, { timeoutMs: previewTimeoutMs }),
      );
      return { upload: shown(row), ...answer, suggestedNames: suggestNames(answer.columns.map((it) => it.name)) };
    },

    async load(who, uploadId, request) {
      const row = await own(who, uploadId);
      const { principal, workspaceId } = who;
      checkName('table', request.table);
      checkColumnNames(request.columns.map((it) => it.name));
      for (const column of request.columns) parseType(column.type);
      const before = await runs.get(workspaceId, request.runId);
      if (before) return repeated(workspaceId, request, before.principalId === principal.userId);
      if (row.state === 'loaded') throw noUpload(uploadId);

      const format = request.format ?? (await infer(row)).format;
      const columns = request.columns.map((it) => Column.parse({ name: it.name, type: it.type }));
      const planned = await planning.planImport({
        workspaceId,
        principal,
        runId: request.runId,
        catalog: request.catalog,
        schema: request.schema,
        table: request.table,
        columns,
        ...(request.comment === undefined ? {} : { comment: request.comment }),
      });
      await pool.query('UPDATE upload SET "runId" = $2 WHERE id = $1', [row.id, request.runId]);
      loading.add(request.runId);
      await runs.start({
        id: request.runId,
        kind: 'import',
        workspaceId,
        principal,
        session: sessions.passing(request.runId, {}),
        language: 'sql',
        text: `-- ${row.fileName} into ${planned.fullName}`,
        requires: planned.requires,
        order: {
          kind: 'import',
          plan: planned.signed,
          source: { location: row.location, fileName: row.fileName, format, options: request.options },
          columns: request.columns,
        },
      });
      return { runId: request.runId, tableId: planned.tableId, fullName: planned.fullName };
    },

    async discard(who, uploadId) {
      const row = await own(who, uploadId);
      if (row.runId !== null && row.state === 'received') await runs.cancel(row.runId);
      await forget(row);
    },

    async sweep() {
      const { rows: done } = await pool.query<{ runId: string }>(
        `SELECT u."runId" FROM upload u JOIN run r ON r.id = u."runId" WHERE u.state = 'received' AND r.state = 'succeeded'`,
      );
      for (const { runId } of done) await loaded(runId);
      const { rows } = await pool.query<{ id: string; location: string }>(
        'SELECT id, location FROM upload WHERE "expiresAt" < to_timestamp($1::float8 / 1000)',
        [clock()],
      );
      for (const row of rows) await forget(row);
    },
    start() {
      const report = (error: unknown) => log.warn({ err: error }, 'uploads could not be swept');
      timer = setInterval(() => void service.sweep().catch(report), sweepEveryMs);
      timer.unref();
      // What a server that died has left.
      void service.sweep().catch(report);
      unlisten = listen(options.bus, 'run.changed', (run) => {
        if (!isFinal(run.state) || !loading.delete(run.runId)) return;
        if (run.state === 'succeeded') void loaded(run.runId).catch(report);
      });
    },
    stop() {
      if (timer) clearInterval(timer);
      for (const renewal of renewals) clearInterval(renewal);
      unlisten?.();
    },
  };
  return service;

  /** The same request again: the answer of the first, found by the table's name. */
  async function repeated(
    workspaceId: string,
    request: LoadUpload,
    mine: boolean,
  ): Promise<{ runId: string; tableId: string; fullName: string }> {
    const { rows } = await pool.query<{ id: string; name: string; schema: string; catalog: string }>(
      `SELECT t.id, t.name, s.name AS schema, c.name AS catalog FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
        WHERE c."workspaceId" = $1 AND c."nameKey" = lower($2) AND s."nameKey" = lower($3) AND t."nameKey" = lower($4)`,
      [workspaceId, request.catalog, request.schema, request.table],
    );
    const table = rows[0];
    if (!mine || !table) {
      throw userError(
        'RUN_ID_TAKEN',
        `The run ${request.runId} has ended or is somebody else's. Choose a new random id to try again.`,
        { status: 409 },
      );
    }
    return { runId: request.runId, tableId: table.id, fullName: `${table.catalog}.${table.schema}.${table.name}` };
  }
}

/** Names that a Delta table takes, each one once. */
export function suggestNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name, index) => {
    const base = columnNameOf(name, index);
    let free = base;
    for (let count = 2; used.has(free.toLowerCase()); count++) free = `${base}_${count}`;
    used.add(free.toLowerCase());
    return free;
  });
}
