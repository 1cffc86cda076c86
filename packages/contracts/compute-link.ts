import { z } from 'zod';
import { InferFilesAnswer, InferFilesRequest, StatementContext } from './catalog.ts';
import { ErrorInfo } from './errors.ts';
import { PipelineOrder } from './pipelines.ts';
import { PlanEngine, SignedPlan } from './plan.ts';
import { StatementOutcome, TableRead, TableWrite } from './results.ts';
import { RunEvent } from './runs.ts';
import { Column } from './types.ts';

/**
 * The link between server and compute: one WebSocket that compute opens to `/internal/compute` with a bearer token of the
 * supervisor. Text frames carry one JSON message each. A binary frame is u32le header length, JSON header
 * (`ComputeBinary`), then bytes. Compute holds no metadata credentials; it knows the installation's public key.
 */

/** A work order. Orders for one session run one after another; different sessions run side by side. */
export const WorkOrder = z.discriminatedUnion('kind', [
  /** One planned statement. `pageRows`: rows to send at once as a `page` frame, before the result is stored. */
  z.object({
    kind: z.literal('statement'),
    runId: z.string(),
    sessionId: z.string(),
    plan: SignedPlan,
    pageRows: z.number().int().default(0),
  }),
  /** A TypeScript cell in the kernel of the session. */
  z.object({
    kind: z.literal('typescript'),
    runId: z.string(),
    sessionId: z.string(),
    source: z.string(),
    fileName: z.string(),
  }),
  /** Files of an upload become a Delta table in one commit. The plan is a createTable/insert without a query. */
  z.object({
    kind: z.literal('import'),
    runId: z.string(),
    sessionId: z.string(),
    plan: SignedPlan,
    source: z.object({
      location: z.string(),
      fileName: z.string(),
      format: z.string(),
      options: z.record(z.string(), z.string()),
    }),
    /** Chosen columns in file order: source name, new name, type; a dropped column has no entry. */
    columns: z.array(z.object({ from: z.string(), name: z.string(), type: z.string() })),
  }),
  z.object({ kind: z.literal('pipeline'), runId: z.string(), sessionId: z.string(), order: PipelineOrder }),
]);
export type WorkOrder = z.infer<typeof WorkOrder>;

/** Question and answer, server to compute: `ask` has an id that `answer` repeats. */
export const ComputeQuestion = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('inferFiles'), request: InferFilesRequest }),
  /** First rows of a file for the upload preview: wire values. */
  z.object({ ask: z.literal('previewFiles'), request: InferFilesRequest, rows: z.number().int() }),
  /** Live files of a table: for the catalog page. */
  z.object({
    ask: z.literal('tableDetail'),
    tableId: z.string(),
    location: z.string(),
    /** Also looks for the newest checkpoint. */
    withCheckpoint: z.boolean().optional(),
  }),
  z.object({ ask: z.literal('tableHistory'), tableId: z.string(), location: z.string(), limit: z.number().int() }),
  /** What differs between two versions: definitions and files (`compareVersions`), then some of the rows. `from` < `to`. */
  z.object({ ask: z.literal('compareVersions'), location: z.string(), from: z.number().int(), to: z.number().int() }),
  z.object({
    ask: z.literal('compareRows'),
    location: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    limit: z.number().int(),
  }),
  /** Removes a dropped table's folder. */
  z.object({ ask: z.literal('deleteTable'), tableId: z.string(), location: z.string() }),
  z.object({ ask: z.literal('exportResult'), key: z.string(), format: z.enum(['csv', 'parquet']), target: z.string() }),
  /** Tries an attached Spark from end to end and says what is wrong: answered by `EngineCheck`. */
  z.object({ ask: z.literal('checkEngine'), engine: PlanEngine }),
]);
export type ComputeQuestion = z.infer<typeof ComputeQuestion>;

/**
 * How a try of an attached Spark went, step by step; the first step that fails is the last. `address`: somebody listens
 * there; `tls`: the connection is as secure as asked for; `token`: the server lets us in; `version`: it is new enough;
 * `storage`: it sees our folder of tables; `delta`: it reads a table of ours; `write`: we read what it writes.
 */
export const EngineCheckStep = z.object({
  name: z.enum(['address', 'tls', 'token', 'version', 'storage', 'delta', 'write']),
  ok: z.boolean(),
  /** What was found, or what is wrong and what to do. */
  message: z.string(),
});
export type EngineCheckStep = z.infer<typeof EngineCheckStep>;
export const EngineCheck = z.object({
  steps: z.array(EngineCheckStep),
  /** `4.2.1`, where the server told it. */
  version: z.string().optional(),
});
export type EngineCheck = z.infer<typeof EngineCheck>;

export const TableDetail = z.object({
  version: z.number().int(),
  fileCount: z.number().int(),
  sizeBytes: z.number().int(),
  rowCount: z.number().int().nullable(),
  columns: z.array(Column),
  partitionColumns: z.array(z.string()),
  properties: z.record(z.string(), z.string()),
  minReaderVersion: z.number().int(),
  minWriterVersion: z.number().int(),
  features: z.array(z.string()),
  /** From the log itself; a catalog may know better. */
  id: z.string().optional(),
  name: z.string().nullable().optional(),
  description: z.string().nullable().optional(),
  clusteringColumns: z.array(z.string()).optional(),
  createdAtMs: z.number().nullable(),
  lastModifiedMs: z.number().nullable(),
  /** Version of the newest checkpoint, as `_last_checkpoint` says; null where there is none. Only where it was asked for. */
  checkpointVersion: z.number().int().nullable().optional(),
  files: z.array(
    z.object({
      path: z.string(),
      sizeBytes: z.number().int(),
      rows: z.number().int().nullable(),
      modifiedMs: z.number(),
    }),
  ),
});
export type TableDetail = z.infer<typeof TableDetail>;

export const TableHistoryEntry = z.object({
  version: z.number().int(),
  timestampMs: z.number(),
  operation: z.string(),
  /** NULL where the writer left it open (a table without a description). */
  operationParameters: z.record(z.string(), z.string().nullable()),
  operationMetrics: z.record(z.string(), z.string()),
  userName: z.string().nullable(),
  engineInfo: z.string().nullable(),
  isBlindAppend: z.boolean().nullable(),
  userId: z.string().nullable().optional(),
  /** Of Databricks: the job and the notebook that wrote, as they said it. */
  job: z.record(z.string(), z.string()).nullable().optional(),
  notebook: z.record(z.string(), z.string()).nullable().optional(),
  clusterId: z.string().nullable().optional(),
  readVersion: z.number().int().nullable().optional(),
  isolationLevel: z.string().nullable().optional(),
  userMetadata: z.string().nullable().optional(),
});
export type TableHistoryEntry = z.infer<typeof TableHistoryEntry>;

/** A table at one version. `rowCount` is null where a file does not say how many rows it has. */
export const VersionSide = z.object({
  version: z.number().int(),
  timestampMs: z.number(),
  rowCount: z.number().int().nullable(),
  fileCount: z.number().int(),
  sizeBytes: z.number().int(),
  columns: z.array(Column),
  partitionColumns: z.array(z.string()),
  properties: z.record(z.string(), z.string()),
  comment: z.string().nullable(),
});
export type VersionSide = z.infer<typeof VersionSide>;
const ChangedFiles = z.object({
  count: z.number().int(),
  sizeBytes: z.number().int(),
  rows: z.number().int().nullable(),
});
/** What differs from the older version to the newer one. Files are told apart by path and deletion vector. */
export const VersionComparison = z.object({
  from: VersionSide,
  to: VersionSide,
  filesAdded: ChangedFiles,
  filesRemoved: ChangedFiles,
});
export type VersionComparison = z.infer<typeof VersionComparison>;

/**
 * Some rows that differ. `changeFeed`: as the table's change data feed tells, change by change. `files`: rows that only one
 * of the versions holds, from the files that only one of them has. Values are text; long ones are cut.
 */
export const RowChanges = z.object({
  source: z.enum(['changeFeed', 'files']),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(
    z.object({
      change: z.enum(['insert', 'delete', 'update_preimage', 'update_postimage']),
      /** The version that made the change; null where only the ends are known. */
      version: z.number().int().nullable(),
      values: z.array(z.string().nullable()),
    }),
  ),
  /** There are more than these. */
  truncated: z.boolean(),
  /** Columns that only one of the versions has: they are not compared. */
  columnsLeftOut: z.array(z.string()),
});
export type RowChanges = z.infer<typeof RowChanges>;

/** What compute asks of the catalog about commits of catalog-managed tables: `CommitCatalog` over the link. */
export const CommitAsk = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('ratify'), logKey: z.string(), version: z.number().int(), path: z.string() }),
  z.object({ ask: z.literal('unpublished'), logKey: z.string(), afterVersion: z.number().int() }),
  z.object({ ask: z.literal('published'), logKey: z.string(), version: z.number().int() }),
]);
export type CommitAsk = z.infer<typeof CommitAsk>;
/** Answer to `unpublished`. */
export const UnpublishedCommits = z.array(z.object({ version: z.number().int(), path: z.string() }));

export const ComputeAnswer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: ErrorInfo }),
]);
export type ComputeAnswer = z.infer<typeof ComputeAnswer>;

export const ServerToCompute = z.discriminatedUnion('type', [
  /** `hold`: compute says `accepted` when the order's turn comes, and begins only at `go`. */
  z.object({ type: z.literal('order'), order: WorkOrder, hold: z.boolean().optional() }),
  z.object({ type: z.literal('go'), runId: z.string() }),
  z.object({ type: z.literal('cancel'), runId: z.string() }),
  z.object({ type: z.literal('question'), id: z.number().int(), question: ComputeQuestion }),
  /** Answer to `plan`: a signed plan to execute. */
  z.object({
    type: z.literal('planned'),
    id: z.number().int(),
    answer: z.union([
      z.object({ ok: z.literal(true), plan: SignedPlan }),
      z.object({ ok: z.literal(false), error: ErrorInfo }),
    ]),
  }),
  /** Answer to `commits`. */
  z.object({ type: z.literal('commitsAnswer'), id: z.number().int(), answer: ComputeAnswer }),
  /** Events up to `seq` of the run are durable: compute may forget them. */
  z.object({ type: z.literal('ack'), runId: z.string(), seq: z.number().int() }),
  z.object({ type: z.literal('closeSession'), sessionId: z.string() }),
  z.object({ type: z.literal('shutdown') }),
]);
export type ServerToCompute = z.infer<typeof ServerToCompute>;

export const ComputeToServer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('register'),
    computeId: z.string(),
    pid: z.number().int(),
    engine: z.string(),
    memoryLimitBytes: z.number(),
    token: z.string(),
  }),
  /** Every second; runs without one for 5 s are lost. */
  z.object({ type: z.literal('heartbeat'), runs: z.array(z.string()), memoryBytes: z.number() }),
  /** An order begins, or begins at `go` where it is held: sent again after a reconnect until then. */
  z.object({ type: z.literal('accepted'), runId: z.string() }),
  /** Asks for the plan of a statement made at run time (kernel, stream, DataFrame), or anew where a schema has moved. */
  z.object({
    type: z.literal('plan'),
    id: z.number().int(),
    runId: z.string(),
    sessionId: z.string(),
    text: z.string(),
    /** Of a statement that stands inside of a script or of EXECUTE IMMEDIATE. */
    statement: StatementContext.optional(),
  }),
  /** A schema that the log shows and the plan did not assume: the catalog follows, then compute asks for a new plan. */
  z.object({
    type: z.literal('schemaMoved'),
    tableId: z.string(),
    version: z.number().int(),
    columns: z.array(Column),
  }),
  /** `seq` counts from 1 within the run at this compute; resent after a reconnect until acknowledged. */
  z.object({ type: z.literal('event'), runId: z.string(), seq: z.number().int(), event: RunEvent }),
  /** A committed version, sent the moment it is durable. */
  z.object({ type: z.literal('committed'), runId: z.string(), write: TableWrite }),
  /** A statement of a kernel or stream is done; `planId` of its plan. */
  z.object({
    type: z.literal('statementDone'),
    runId: z.string(),
    planId: z.string(),
    reads: z.array(TableRead),
    write: TableWrite.optional(),
  }),
  z.object({ type: z.literal('outcome'), runId: z.string(), outcome: StatementOutcome }),
  z.object({ type: z.literal('answer'), id: z.number().int(), answer: ComputeAnswer }),
  /** Asked again after a reconnect, until it is answered: each question may be asked twice. */
  z.object({ type: z.literal('commits'), id: z.number().int(), ask: CommitAsk }),
  /** The kernel of a session ended: its variables are gone. */
  z.object({ type: z.literal('sessionLost'), sessionId: z.string(), reason: z.string() }),
]);
export type ComputeToServer = z.infer<typeof ComputeToServer>;

/** Header of a binary frame compute → server: the first rows of a result as an Arrow IPC stream. */
export const ComputeBinary = z.object({
  type: z.literal('page'),
  runId: z.string(),
  rows: z.number().int(),
  more: z.boolean(),
});
export type ComputeBinary = z.infer<typeof ComputeBinary>;

export { InferFilesAnswer };
