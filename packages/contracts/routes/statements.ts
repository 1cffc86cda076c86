import { z } from 'zod';
import { defineRoute } from '../route.ts';

/** Databricks' SQL Statement Execution API: field names and meanings are theirs. */
const area = 'SQL statements';
const StatementPath = z.object({ statement_id: z.string() });

export const StatementParameter = z.strictObject({
  name: z.string().min(1),
  value: z.string().nullable().optional(),
  type: z.string().optional(),
});

export const ExecuteStatementRequest = z.strictObject({
  statement: z
    .string()
    .min(1)
    .max(16 * 1024 * 1024),
  warehouse_id: z.string().optional(),
  catalog: z.string().optional(),
  schema: z.string().optional(),
  parameters: z.array(StatementParameter).max(255).optional(),
  row_limit: z.number().int().min(0).optional(),
  byte_limit: z.number().int().min(0).optional(),
  disposition: z.enum(['INLINE', 'EXTERNAL_LINKS']).optional(),
  format: z.enum(['JSON_ARRAY', 'ARROW_STREAM', 'CSV']).optional(),
  wait_timeout: z.string().optional(),
  on_wait_timeout: z.enum(['CONTINUE', 'CANCEL']).optional(),
  query_tags: z.array(z.unknown()).max(0, 'Tags of queries are not supported. Leave them out.').optional(),
  session_id: z.string().optional(),
});
export type ExecuteStatementRequest = z.infer<typeof ExecuteStatementRequest>;

export const StatementState = z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'CLOSED']);
export type StatementState = z.infer<typeof StatementState>;

export const StatementChunk = z.object({
  chunk_index: z.number().int(),
  row_offset: z.number().int(),
  row_count: z.number().int(),
  byte_count: z.number().int().optional(),
});

export const ExternalLink = StatementChunk.extend({
  external_link: z.string(),
  expiration: z.string(),
  http_headers: z.record(z.string(), z.string()).optional(),
  next_chunk_index: z.number().int().optional(),
  next_chunk_internal_link: z.string().optional(),
});

export const StatementResultData = z.object({
  chunk_index: z.number().int().optional(),
  row_offset: z.number().int().optional(),
  row_count: z.number().int().optional(),
  byte_count: z.number().int().optional(),
  data_array: z.array(z.array(z.string().nullable())).optional(),
  external_links: z.array(ExternalLink).optional(),
  next_chunk_index: z.number().int().optional(),
  next_chunk_internal_link: z.string().optional(),
});
export type StatementResultData = z.infer<typeof StatementResultData>;

export const StatementColumn = z.object({
  name: z.string(),
  position: z.number().int(),
  type_name: z.string(),
  type_text: z.string(),
  type_precision: z.number().int().optional(),
  type_scale: z.number().int().optional(),
  type_interval_type: z.string().optional(),
});
export type StatementColumn = z.infer<typeof StatementColumn>;

export const StatementManifest = z.object({
  format: z.string(),
  schema: z.object({ column_count: z.number().int(), columns: z.array(StatementColumn) }),
  total_chunk_count: z.number().int(),
  chunks: z.array(StatementChunk).optional(),
  total_row_count: z.number().int(),
  total_byte_count: z.number().int().optional(),
  truncated: z.boolean(),
});

export const StatementResponse = z.object({
  statement_id: z.string(),
  status: z.object({
    state: StatementState,
    error: z.object({ error_code: z.string(), message: z.string() }).optional(),
    sql_state: z.string().optional(),
  }),
  manifest: StatementManifest.optional(),
  result: StatementResultData.optional(),
});
export type StatementResponse = z.infer<typeof StatementResponse>;

export const executeStatement = defineRoute({
  method: 'POST',
  path: '/api/2.0/sql/statements',
  area,
  summary: 'Runs a SQL statement and waits for it up to wait_timeout',
  needs: 'the privileges that the statement needs',
  body: ExecuteStatementRequest,
  response: StatementResponse,
});

export const getStatement = defineRoute({
  method: 'GET',
  path: '/api/2.0/sql/statements/{statement_id}',
  area,
  summary: 'State of a statement, with its first chunk where it has succeeded',
  needs: 'own statement',
  params: StatementPath,
  response: StatementResponse,
});

export const getStatementChunk = defineRoute({
  method: 'GET',
  path: '/api/2.0/sql/statements/{statement_id}/result/chunks/{chunk_index}',
  area,
  summary: 'One chunk of the result',
  needs: 'own statement',
  params: StatementPath.extend({ chunk_index: z.coerce.number().int().min(0) }),
  query: z.object({ row_offset: z.coerce.number().int().optional() }).optional(),
  response: StatementResultData,
});

export const cancelStatement = defineRoute({
  method: 'POST',
  path: '/api/2.0/sql/statements/{statement_id}/cancel',
  area,
  summary: 'Stops a statement',
  needs: 'own statement',
  params: StatementPath,
  body: z.object({}).optional(),
  response: z.object({}),
});

export const closeStatement = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/sql/statements/{statement_id}',
  area,
  summary: 'Closes a statement: its result is no longer served',
  needs: 'own statement',
  params: StatementPath,
  response: z.object({}),
});

/** The bytes behind an external link. The link is signed and expires; no other credential is asked. */
export const readStatementLink = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/statement-links/{token}',
  area,
  summary: 'Bytes of a result chunk by its signed link',
  needs: 'the signed link',
  params: z.object({ token: z.string() }),
  raw: 'response',
});

export const SqlSession = z.object({ session_id: z.string() });
export const createSqlSession = defineRoute({
  method: 'POST',
  path: '/api/2.0/sql/sessions',
  area,
  summary: 'Opens a session: statements in it share current catalog, schema and temporary views',
  needs: 'sign-in',
  body: z.strictObject({
    warehouse_id: z.string().optional(),
    catalog: z.string().optional(),
    schema: z.string().optional(),
    session_confs: z.record(z.string(), z.string()).optional(),
  }),
  response: SqlSession,
});
export const deleteSqlSession = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/sql/sessions/{session_id}',
  area,
  summary: 'Closes a session',
  needs: 'own session',
  params: z.object({ session_id: z.string() }),
  query: z.object({ warehouse_id: z.string().optional() }).optional(),
  response: z.object({}),
});

export const QueryHistoryEntry = z.object({
  query_id: z.string(),
  status: z.string(),
  query_text: z.string(),
  query_start_time_ms: z.number(),
  query_end_time_ms: z.number().optional(),
  execution_end_time_ms: z.number().optional(),
  duration: z.number().optional(),
  rows_produced: z.number().optional(),
  error_message: z.string().optional(),
  user_name: z.string(),
  warehouse_id: z.string(),
  endpoint_id: z.string(),
  executed_as_user_name: z.string(),
  is_final: z.boolean(),
});
export const listQueryHistory = defineRoute({
  method: 'GET',
  path: '/api/2.0/sql/history/queries',
  area,
  summary: 'Statements that have run, newest first: own ones, for administrators those of everybody',
  needs: 'sign-in',
  query: z.strictObject({
    max_results: z.coerce.number().int().min(1).max(1000).default(100),
    page_token: z.string().optional(),
    include_metrics: z.enum(['true', 'false']).optional(),
  }),
  response: z.object({
    res: z.array(QueryHistoryEntry),
    has_next_page: z.boolean(),
    next_page_token: z.string().optional(),
  }),
});
