import { z } from 'zod';
import {
  FileFormat,
  Privilege,
  type Requirement,
  SecurableKind,
  type SessionState,
  SqlFunction,
  TableKind,
  VariableTarget,
} from './catalog.ts';
import { PrunePredicate } from './predicate.ts';
import { TableAlteration, TableMaintenance } from './table-change.ts';
import { Column } from './types.ts';

/**
 * Engine text in pieces: strings are the engine's SQL; `{table: n}` stands for `tables[n]` of the plan and is replaced by
 * a parenthesised relation with the columns that the plan assumes. Pieces, not marks in a text, so that no literal can
 * forge one.
 */
export const EngineText = z.array(z.union([z.string(), z.object({ table: z.number().int() })]));
export type EngineText = z.infer<typeof EngineText>;

export const PlanDeltaTable = z.object({
  source: z.literal('delta'),
  tableId: z.string(),
  fullName: z.string(),
  location: z.string(),
  /** The schema that the plan assumes; compute asks again where the log says otherwise. */
  columns: z.array(Column),
  /** Names of the columns that the statement reads. */
  needed: z.array(z.string()),
  predicates: z.array(PrunePredicate).default([]),
  versionAsOf: z.number().int().optional(),
  timestampAsOfMs: z.number().optional(),
  /** The table's change feed instead of its rows; `columns` are then those of the feed. Both ends are included. */
  changes: z
    .object({
      fromVersion: z.int().nonnegative().optional(),
      fromTimestampMs: z.number().optional(),
      toVersion: z.int().nonnegative().optional(),
      toTimestampMs: z.number().optional(),
    })
    .optional(),
  /** True for STREAM t in a pipeline: the executor binds the batch's versions itself. */
  stream: z.boolean().optional(),
});
export const PlanFiles = z.object({
  source: z.literal('files'),
  location: z.string(),
  /** What the user wrote: `/Volumes/…`. */
  path: z.string(),
  format: FileFormat,
  options: z.record(z.string(), z.string()),
  columns: z.array(Column),
  needed: z.array(z.string()),
  /** True for STREAM read_files: the executor binds the batch's files itself. */
  stream: z.boolean().default(false),
});
export const PlanTable = z.discriminatedUnion('source', [PlanDeltaTable, PlanFiles]);
export type PlanTable = z.infer<typeof PlanTable>;

export const PlanQuery = z.object({
  engineText: EngineText,
  tables: z.array(PlanTable),
  /** Names and types of the result, as Spark names and types them. */
  columns: z.array(Column),
  /** True where the statement's own ORDER BY decides the row order. */
  ordered: z.boolean().default(false),
  /**
   * The same query in Spark SQL, in the same pieces: `{table: n}` is replaced by a relation of Spark with the pinned version. Present
   * where the plan is for an attached Spark.
   */
  sparkText: EngineText.optional(),
});
export type PlanQuery = z.infer<typeof PlanQuery>;

export const WriteTarget = z.object({
  tableId: z.string(),
  fullName: z.string(),
  location: z.string(),
  columns: z.array(Column),
  partitionColumns: z.array(z.string()),
});
export type WriteTarget = z.infer<typeof WriteTarget>;

/** CLONE: the table whose rows the new one gets. */
export const PlanClone = z.object({
  tableId: z.string(),
  fullName: z.string(),
  location: z.string(),
  shallow: z.boolean(),
  /** Properties beside or instead of the source's. */
  properties: z.record(z.string(), z.string()),
  versionAsOf: z.number().int().optional(),
  timestampAsOfMs: z.number().optional(),
  /** Of the answer. */
  columns: z.array(Column),
});
export type PlanClone = z.infer<typeof PlanClone>;

/** Work that only the server does: it never reaches compute. */
export const CatalogCommand = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('createCatalog'),
    name: z.string(),
    ifNotExists: z.boolean(),
    comment: z.string().optional(),
  }),
  z.object({ command: z.literal('dropCatalog'), name: z.string(), ifExists: z.boolean(), cascade: z.boolean() }),
  z.object({
    command: z.literal('createSchema'),
    catalog: z.string(),
    name: z.string(),
    ifNotExists: z.boolean(),
    comment: z.string().optional(),
    properties: z.record(z.string(), z.string()).optional(),
  }),
  z.object({
    command: z.literal('dropSchema'),
    catalog: z.string(),
    name: z.string(),
    ifExists: z.boolean(),
    cascade: z.boolean(),
  }),
  z.object({
    command: z.literal('createView'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
    columns: z.array(Column),
    viewText: z.string(),
    viewCatalog: z.string(),
    viewSchema: z.string(),
    orReplace: z.boolean(),
    ifNotExists: z.boolean(),
    comment: z.string().optional(),
    /** Tables that the view reads, for lineage. */
    reads: z.array(z.string()),
  }),
  /** Views; tables go through `dropTable` of a plan, because their files go too. */
  z.object({
    command: z.literal('dropView'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
    ifExists: z.boolean(),
  }),
  z.object({
    command: z.literal('dropTable'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
    ifExists: z.boolean(),
  }),
  z.object({
    command: z.literal('createVolume'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
    ifNotExists: z.boolean(),
    comment: z.string().optional(),
  }),
  z.object({
    command: z.literal('dropVolume'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
    ifExists: z.boolean(),
  }),
  z.object({
    command: z.literal('createFunction'),
    catalog: z.string(),
    schema: z.string(),
    routine: SqlFunction,
    orReplace: z.boolean(),
  }),
  z.object({
    command: z.literal('dropFunction'),
    catalog: z.string(),
    schema: z.string(),
    name: z.string(),
  }),
  z.object({
    command: z.enum(['grant', 'revoke']),
    privileges: z.array(Privilege),
    kind: SecurableKind,
    fullName: z.string(),
    /** User name (e-mail) of the grantee, or `account users` for everybody. */
    principal: z.string(),
  }),
  z.object({
    command: z.literal('comment'),
    kind: SecurableKind,
    fullName: z.string(),
    comment: z.string().nullable(),
  }),
]);
export type CatalogCommand = z.infer<typeof CatalogCommand>;

/** A value on its way to a client: as in conformance answers (bigint and decimal as text, dates as ISO text). */
export const WireValue: z.ZodType<unknown> = z.unknown();

/** A column of a table and the engine text that gives its value, over `target."col"` (and `source.c<n>` in MERGE). */
export const PlanAssignment = z.object({ column: z.string(), value: EngineText });
export type PlanAssignment = z.infer<typeof PlanAssignment>;

/** What DELETE, UPDATE and MERGE share. Conditions are over `target."col"`; `tables` are those of subqueries and sources. */
const modification = {
  target: WriteTarget,
  tables: z.array(PlanTable),
  /** `tables[targetTable]` stands for the target's own predicates: it is never spliced. */
  targetTable: z.number().int(),
  /** Conjuncts that a row must fulfil to be touched. */
  predicates: z.array(PrunePredicate),
  columns: z.array(Column),
  /** `operationParameters` of the history, as Spark prints them; what is absent the operation says itself. */
  parameters: z.record(z.string(), z.string()).optional(),
};

export const PlanMergeChange = z.object({
  condition: EngineText.nullable(),
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('delete') }),
    z.object({ kind: z.literal('update'), set: z.array(PlanAssignment) }),
  ]),
});
export const PlanMergeInsert = z.object({ condition: EngineText.nullable(), values: z.array(PlanAssignment) });

export const PlanBody = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('delete'),
    ...modification,
    where: EngineText.nullable(),
    /** What the history calls it, where that is not DELETE. */
    operation: z.literal('TRUNCATE').optional(),
  }),
  z.object({
    kind: z.literal('update'),
    ...modification,
    where: EngineText.nullable(),
    set: z.array(PlanAssignment),
  }),
  z.object({
    kind: z.literal('merge'),
    ...modification,
    /** A SELECT whose columns are c0, c1, …: `source` in the other texts. */
    source: EngineText,
    on: EngineText,
    matched: z.array(PlanMergeChange),
    notMatched: z.array(PlanMergeInsert),
    notMatchedBySource: z.array(PlanMergeChange),
    /** Columns that schema evolution adds to the target. */
    addColumns: z.array(Column),
  }),
  z.object({ kind: z.literal('alter'), target: WriteTarget, change: TableAlteration }),
  z.object({
    kind: z.literal('maintain'),
    target: WriteTarget,
    operation: TableMaintenance,
    columns: z.array(Column),
  }),
  z.object({ kind: z.literal('query'), query: PlanQuery }),
  /** What a statement would read; nothing of it runs. */
  z.object({
    kind: z.literal('explain'),
    /** Its kind in words: SELECT, DELETE, … */
    statement: z.string(),
    tables: z.array(PlanTable),
    /** Of a query: its operators are told too. */
    engineText: EngineText.optional(),
    columns: z.array(Column),
  }),
  z.object({
    kind: z.literal('insert'),
    target: WriteTarget,
    /** `dynamic`: overwrite of the partitions that the rows lie in. */
    mode: z.enum(['append', 'overwrite', 'dynamic']),
    /** Rows that go first: a condition over `target."col"` (REPLACE WHERE, a static partition); new rows must fulfil it. */
    replaceWhere: z.object({ condition: EngineText, predicates: z.array(PrunePredicate), text: z.string() }).optional(),
    /** Columns that the new rows give a value; the others get their default, generated or identity value, or NULL. */
    query: PlanQuery,
    /** Columns that schema evolution adds to the target. */
    addColumns: z.array(Column).optional(),
  }),
  z.object({
    kind: z.literal('createTable'),
    target: WriteTarget,
    tableKind: TableKind.default('MANAGED'),
    /** `replace`: the table exists and gets a new version with this schema (CREATE OR REPLACE). */
    mode: z.enum(['create', 'replace']),
    comment: z.string().optional(),
    properties: z.record(z.string(), z.string()),
    clusterBy: z.array(z.array(z.string())).optional(),
    query: PlanQuery.optional(),
    clone: PlanClone.optional(),
  }),
  /** Version log or details of a table: needs the data plane to read the log. */
  z.object({
    kind: z.literal('tableInfo'),
    what: z.enum(['history', 'detail']),
    table: PlanDeltaTable,
    columns: z.array(Column),
    limit: z.number().int().optional(),
    description: z.string().optional(),
  }),
  /** A query of one row whose values go into variables: DECLARE, SET VARIABLE, INTO. No row is NULL in each of them. */
  z.object({ kind: z.literal('assign'), query: PlanQuery, targets: z.array(VariableTarget) }),
  /** EXECUTE IMMEDIATE: a query of one row, the statement's text and then the values of its arguments. */
  z.object({
    kind: z.literal('immediate'),
    query: PlanQuery,
    /** Types of the arguments, and their names where they have one. */
    arguments: z.array(z.object({ name: z.string().optional(), type: z.string() })),
    into: z.array(VariableTarget),
  }),
  /** BEGIN … END: its statements are planned one by one while it runs. */
  z.object({ kind: z.literal('script'), text: z.string() }),
  /** The server answered already (SHOW, DESCRIBE, GRANT, USE, DDL of views …): rows as wire values. */
  z.object({ kind: z.literal('local'), columns: z.array(Column), rows: z.array(z.array(z.unknown())) }),
]);
export type PlanBody = z.infer<typeof PlanBody>;

/** An attached Spark, as a plan names it: a server of the Spark Connect protocol. */
export const PlanEngine = z.object({
  engineId: z.string(),
  name: z.string(),
  /** `sc://host:port`. */
  url: z.string(),
  tls: z.boolean(),
  token: z.string().optional(),
  /** PEM text of the authority that signed the server's certificate, where no public one did. */
  caCertificate: z.string().optional(),
  /** How Spark sees the folder of our storage: a URL that stands before a table's location. Default: the folder itself as `file://`. */
  storageUrl: z.string().optional(),
  /** Settings of Spark that the session of the statement has changed (`spark.sql.timeType.enabled`). */
  settings: z.record(z.string(), z.string()).optional(),
});
export type PlanEngine = z.infer<typeof PlanEngine>;

/** Settings that an attached Spark has from us or from its server, whatever a session says. */
const settledSettings = new Set([
  'spark.sql.session.timeZone',
  'spark.sql.variable.substitute',
  'spark.sql.sources.default',
  'spark.sql.scripting.enabled',
]);

/** A session's settings that go along to an attached Spark: what SET accepts changes no answer, or changes it alike there. */
export const engineSettings = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).filter(([key]) => key.startsWith('spark.sql.') && !settledSettings.has(key)),
  );

/** What is signed: exactly these bytes (JSON text) reach compute, with an Ed25519 signature by the installation key. */
export const PlanEnvelope = z.object({
  planId: z.uuid(),
  runId: z.string(),
  workspaceId: z.string(),
  principal: z.string(),
  statement: z.string(),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  timeZone: z.string(),
  /** Where it runs; absent: on compute's own engine. */
  engine: PlanEngine.optional(),
  body: PlanBody,
});
export type PlanEnvelope = z.infer<typeof PlanEnvelope>;

export const SignedPlan = z.object({ payload: z.string(), signature: z.string() });
export type SignedPlan = z.infer<typeof SignedPlan>;

/**
 * What the planner (packages/sql) makes of one statement. `requires` was authorised already; the run keeps it, so that the
 * output is shown only to people who could have run it.
 */
export type PlannedStatement =
  | { kind: 'plan'; body: PlanBody; requires: Requirement[]; reads: string[]; session?: SessionState }
  /** The server performs the command, then answers with no rows (or, for a table, runs reserve → plan → publish). */
  | { kind: 'command'; command: CatalogCommand; requires: Requirement[]; session?: SessionState }
  | {
      kind: 'createTable';
      catalog: string;
      schema: string;
      name: string;
      columns: Column[];
      partitionColumns: string[];
      properties: Record<string, string>;
      /** Liquid clustering: paths of columns. */
      clusterBy?: string[][];
      comment?: string;
      ifNotExists: boolean;
      orReplace: boolean;
      query?: PlanQuery;
      clone?: PlanClone;
      requires: Requirement[];
      reads: string[];
    };
