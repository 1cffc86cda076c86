import { z } from 'zod';
import { Column } from './types.ts';

/**
 * A stored result: one Arrow IPC stream (schema message, record batches, end mark) under its content hash. A window is
 * served by joining the schema's bytes with whole record batches: nothing is decoded on the way.
 */
export const ResultBatch = z.object({
  rowOffset: z.number().int(),
  rows: z.number().int(),
  byteOffset: z.number().int(),
  byteLength: z.number().int(),
});
export const ResultManifest = z.object({
  /** SHA-256 of the stream, hexadecimal. */
  hash: z.string(),
  /** Storage key: `results/<hash>.arrow`. */
  key: z.string(),
  columns: z.array(Column),
  rowCount: z.number().int(),
  byteCount: z.number().int(),
  /** True where the result was cut at the size limit: `rowCount` rows of more. */
  truncated: z.boolean(),
  schemaByteLength: z.number().int(),
  batches: z.array(ResultBatch),
});
export type ResultManifest = z.infer<typeof ResultManifest>;

/** Which version of which table a run read or wrote. */
export const TableVersionRef = z.object({ tableId: z.string(), fullName: z.string(), version: z.number().int() });
export type TableVersionRef = z.infer<typeof TableVersionRef>;

export const TableRead = TableVersionRef.extend({
  filesRead: z.number().int(),
  filesTotal: z.number().int(),
  bytesRead: z.number().int(),
});
export type TableRead = z.infer<typeof TableRead>;

export const TableWrite = TableVersionRef.extend({
  operation: z.string(),
  rows: z.number().int(),
  /** The schema after the commit, so that the catalog follows the log. */
  columns: z.array(Column),
  sizeBytes: z.number().int().optional(),
  fileCount: z.number().int().optional(),
  /** What else the catalog keeps of the table's definition, as the log has it after the commit. */
  definition: z
    .object({
      properties: z.record(z.string(), z.string()),
      partitionColumns: z.array(z.string()),
      comment: z.string().nullable(),
    })
    .optional(),
});
export type TableWrite = z.infer<typeof TableWrite>;

/** What running one plan gave. */
export const StatementOutcome = z.object({
  result: ResultManifest.optional(),
  reads: z.array(TableRead),
  write: TableWrite.optional(),
  /** Milliseconds in the engine alone, and all told. */
  engineMs: z.number(),
  totalMs: z.number(),
});
export type StatementOutcome = z.infer<typeof StatementOutcome>;
