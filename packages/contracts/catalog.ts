import { z } from 'zod';
import { Column } from './types.ts';

/** Securables and privileges carry Unity Catalog's names. */
export const SecurableKind = z.enum(['metastore', 'catalog', 'schema', 'table', 'volume']);
export type SecurableKind = z.infer<typeof SecurableKind>;

export const Privilege = z.enum([
  'ALL PRIVILEGES',
  'BROWSE',
  'USE CATALOG',
  'USE SCHEMA',
  'CREATE CATALOG',
  'CREATE SCHEMA',
  'CREATE TABLE',
  'CREATE VOLUME',
  'CREATE FUNCTION',
  'EXECUTE',
  'SELECT',
  'MODIFY',
  'READ VOLUME',
  'WRITE VOLUME',
  'MANAGE',
]);
export type Privilege = z.infer<typeof Privilege>;

/** Who acts. `admin` owns everything in the workspace. */
export const Principal = z.object({ userId: z.string(), name: z.string(), admin: z.boolean() });
export type Principal = z.infer<typeof Principal>;

/** A privilege on a securable that a statement needs, checked by the server and kept with the run. */
export const Requirement = z.object({
  kind: SecurableKind,
  id: z.string(),
  fullName: z.string(),
  privilege: Privilege,
});
export type Requirement = z.infer<typeof Requirement>;

/**
 * A variable of a session or of a block of a script: its type (DDL text) and its value in the form of wire values. `defaultText`
 * is what SET VARIABLE x = DEFAULT computes again; absent: NULL.
 */
export const SqlVariable = z.object({
  name: z.string(),
  type: z.string(),
  value: z.unknown(),
  defaultText: z.string().optional(),
});
export type SqlVariable = z.infer<typeof SqlVariable>;

/** A block of a script that runs: its label (of its own making where none is written) and its variables by lower-case name. */
export const ScriptScope = z.object({ label: z.string(), variables: z.record(z.string(), SqlVariable) });
export type ScriptScope = z.infer<typeof ScriptScope>;

/** A variable that a statement fills. `scope`: its index among the blocks of the script; absent: of the session. */
export const VariableTarget = z.object({
  name: z.string(),
  type: z.string(),
  scope: z.int().nonnegative().optional(),
  /** The statement declares it. */
  declared: z.boolean().optional(),
  defaultText: z.string().optional(),
});
export type VariableTarget = z.infer<typeof VariableTarget>;

/** A value bound to a parameter marker, in the form of wire values, and its DDL type (string where absent). */
export const BoundParameter = z.object({ value: z.unknown(), type: z.string().optional() });
export type BoundParameter = z.infer<typeof BoundParameter>;

/** What a statement that runs inside of another one (a script's, EXECUTE IMMEDIATE's) is planned with. */
export const StatementContext = z.object({
  /** Blocks of the script around it, outermost first. Absent: it stands in no script. */
  scopes: z.array(ScriptScope).optional(),
  named: z.record(z.string(), BoundParameter).optional(),
  positional: z.array(BoundParameter).optional(),
  /** The text of EXECUTE IMMEDIATE: it sees no variables of blocks and may hold no script. */
  immediate: z.boolean().optional(),
  /** Where a query's one row goes. */
  into: z.array(VariableTarget).optional(),
  /** The values that the statement computed for its variables: they are kept now. */
  values: z.array(z.unknown()).optional(),
});
export type StatementContext = z.infer<typeof StatementContext>;

/** A parameter of a SQL function; `defaultText` is an expression. */
export const FunctionParameter = z.object({
  name: z.string(),
  type: z.string(),
  defaultText: z.string().optional(),
  comment: z.string().optional(),
});
export type FunctionParameter = z.infer<typeof FunctionParameter>;

/** A function whose body is SQL: an expression, or a query where it returns a table. */
export const SqlFunction = z.object({
  name: z.string(),
  parameters: z.array(FunctionParameter),
  /** DDL text; of a function that returns a table: absent. */
  returns: z.string().optional(),
  /** Of a function that returns a table. */
  columns: z.array(Column).optional(),
  body: z.string(),
  comment: z.string().optional(),
  deterministic: z.boolean().default(true),
  /** Current names at its creation: those in its body lead there. */
  catalog: z.string(),
  schema: z.string(),
});
export type SqlFunction = z.infer<typeof SqlFunction>;

/** What a person's session holds; kept by the server, so that it survives the loss of compute. */
export const SessionState = z.object({
  id: z.string(),
  catalog: z.string(),
  schema: z.string(),
  timeZone: z.string().default('UTC'),
  settings: z.record(z.string(), z.string()).default({}),
  /**
   * Temporary views by lower-case name: the query text and where it was defined. `columns` are names and types at its
   * creation, which stay (as those of a view of the catalog); absent, the query's own.
   */
  tempViews: z
    .record(
      z.string(),
      z.object({
        name: z.string(),
        text: z.string(),
        catalog: z.string(),
        schema: z.string(),
        comment: z.string().optional(),
        columns: z.array(Column).optional(),
        /** The session's time zone at its creation: literals of the text were read in it. */
        timeZone: z.string().optional(),
      }),
    )
    .default({}),
  /** Session variables by lower-case name. */
  variables: z.record(z.string(), SqlVariable).optional(),
  /** Temporary functions by lower-case name. */
  tempFunctions: z.record(z.string(), SqlFunction).optional(),
});
export type SessionState = z.infer<typeof SessionState>;

export const TableKind = z.enum(['MANAGED', 'VIEW', 'STREAMING_TABLE', 'MATERIALIZED_VIEW']);
export type TableKind = z.infer<typeof TableKind>;

/** A table or view as the planner sees it. */
export const CatalogTable = z.object({
  id: z.string(),
  catalog: z.string(),
  schema: z.string(),
  name: z.string(),
  kind: TableKind,
  columns: z.array(Column),
  partitionColumns: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.string()).default({}),
  comment: z.string().optional(),
  ownerId: z.string(),
  owner: z.string().default(''),
  createdAtMs: z.number().default(0),
  /** Storage key of the table's folder (absent for views). It carries the table's id, never its name. */
  location: z.string().optional(),
  /** Views: the query text, and the current catalog and schema of its creation. */
  viewText: z.string().optional(),
  viewCatalog: z.string().optional(),
  viewSchema: z.string().optional(),
});
export type CatalogTable = z.infer<typeof CatalogTable>;

/** A SQL function of the catalog; `place`: its schema. */
export interface CatalogFunction {
  routine: SqlFunction;
  place: { id: string; catalog: string; schema: string };
  ownerId: string;
}

export interface CatalogSchema {
  id: string;
  catalog: string;
  name: string;
  comment?: string;
  ownerId: string;
  owner?: string;
  properties?: Record<string, string>;
}
export interface CatalogCatalog {
  id: string;
  name: string;
  comment?: string;
  ownerId: string;
  owner?: string;
}
export interface CatalogVolume {
  id: string;
  catalog: string;
  schema: string;
  name: string;
  comment?: string;
  ownerId: string;
  owner?: string;
  /** Storage key prefix of the volume's files, ending with '/'. */
  location: string;
}

/**
 * The catalog as the planner asks it. Names compare without case. Every look-up is made for a principal and answers
 * null for what that principal may not know of: no grant, no existence.
 */
export interface CatalogReader {
  catalog(principal: Principal, name: string): Promise<CatalogCatalog | null>;
  schema(principal: Principal, catalog: string, name: string): Promise<CatalogSchema | null>;
  table(principal: Principal, catalog: string, schema: string, name: string): Promise<CatalogTable | null>;
  volume(principal: Principal, catalog: string, schema: string, name: string): Promise<CatalogVolume | null>;
  listCatalogs(principal: Principal): Promise<CatalogCatalog[]>;
  listSchemas(principal: Principal, catalog: string): Promise<CatalogSchema[]>;
  listTables(principal: Principal, catalog: string, schema: string): Promise<CatalogTable[]>;
  listVolumes(principal: Principal, catalog: string, schema: string): Promise<CatalogVolume[]>;
  /** A SQL function; absent where the catalog keeps none. */
  routine?(principal: Principal, catalog: string, schema: string, name: string): Promise<CatalogFunction | null>;
  listRoutines?(principal: Principal, catalog: string, schema: string): Promise<CatalogFunction[]>;
  /** The privileges in force on a securable, for SHOW GRANTS. */
  grants(principal: Principal, kind: SecurableKind, fullName: string): Promise<Grant[]>;
  /** Throws PERMISSION_DENIED naming the first missing privilege and its owner (whom to ask). */
  authorise(principal: Principal, requirements: Requirement[]): Promise<void>;
  /** The owner as a principal: a view reads its tables with its owner's rights. */
  principalOf(userId: string): Promise<Principal>;
  /** Columns of files in a volume (the schema is inferred by compute). Throws with file, line and column where known. */
  inferFiles(principal: Principal, request: InferFilesRequest): Promise<InferFilesAnswer>;
  /** The event log of a pipeline (by its id, or by the full name of one of its datasets) as a table that SELECT reads. */
  eventLog?(principal: Principal, target: { pipelineId: string } | { table: string }): Promise<CatalogTable | null>;
}

export const Grant = z.object({
  principal: z.string(),
  privilege: Privilege,
  kind: SecurableKind,
  fullName: z.string(),
  inheritedFrom: z.string().optional(),
});
export type Grant = z.infer<typeof Grant>;

export const FileFormat = z.enum(['csv', 'json', 'parquet', 'text']);
export type FileFormat = z.infer<typeof FileFormat>;

export const InferFilesRequest = z.object({
  /** Storage key (prefix ending with '/', one file, or a glob in the last segments). */
  location: z.string(),
  /** What the person wrote (`/Volumes/…`), for messages. */
  shown: z.string().optional(),
  format: FileFormat.optional(),
  /** read_files options by lower-case name: header, delimiter, … */
  options: z.record(z.string(), z.string()),
});
export type InferFilesRequest = z.infer<typeof InferFilesRequest>;
export const InferFilesAnswer = z.object({
  format: FileFormat,
  columns: z.array(Column),
  options: z.record(z.string(), z.string()),
});
export type InferFilesAnswer = z.infer<typeof InferFilesAnswer>;
