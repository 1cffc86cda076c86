import { z } from 'zod';
import { FileFormat } from '../catalog.ts';
import { defineRoute } from '../route.ts';
import { Column } from '../types.ts';

/**
 * "Bring your own file": the bytes are streamed to disk, previewed with an inferred schema, and become a Delta table in
 * one commit. An upload that nobody loads is discarded after a day.
 */
const area = 'Uploads';
const base = '/api/2.0/boathouse';
const params = z.object({ uploadId: z.string().min(1) });

export const UploadInfo = z.object({
  uploadId: z.string(),
  fileName: z.string(),
  sizeBytes: z.number().int(),
  state: z.enum(['received', 'loaded']),
  /** The import that loads it, or did. */
  runId: z.string().nullable(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  /** Table name made of the file name, free of forbidden characters. */
  suggestedName: z.string(),
});
export type UploadInfo = z.infer<typeof UploadInfo>;

export const createUpload = defineRoute({
  method: 'POST',
  path: `${base}/uploads`,
  summary: 'Receives a file: the raw body, with its name in the query',
  area,
  needs: 'Any member',
  query: z.strictObject({ fileName: z.string().min(1).max(500) }),
  raw: 'request',
  response: UploadInfo,
  status: 201,
});
export const listUploads = defineRoute({
  method: 'GET',
  path: `${base}/uploads`,
  summary: 'Files received and not yet loaded, of the caller',
  area,
  needs: 'Any member',
  response: z.object({ uploads: z.array(UploadInfo) }),
});

/** `format` and `options` (header, delimiter, quote, escape, encoding, nullValue, multiLine …) override what was inferred. */
export const PreviewRequest = z.strictObject({
  format: FileFormat.optional(),
  options: z.record(z.string(), z.string()).default({}),
  rows: z.number().int().min(1).max(1_000).default(100),
});
export const UploadPreview = z.object({
  upload: UploadInfo,
  format: FileFormat,
  options: z.record(z.string(), z.string()),
  columns: z.array(Column),
  /** Names for the columns, in their order, that a table can keep: a column named `Unit price` may become `Unit_price`. */
  suggestedNames: z.array(z.string()),
  /** First rows as wire values (as in INLINE JSON answers: bigint, decimal and dates as text). */
  rows: z.array(z.array(z.unknown())),
});
export type UploadPreview = z.infer<typeof UploadPreview>;

export const previewUpload = defineRoute({
  method: 'POST',
  path: `${base}/uploads/{uploadId}/preview`,
  summary: 'Infers the schema and shows the first rows',
  area,
  needs: 'Who uploaded it',
  params,
  body: PreviewRequest,
  response: UploadPreview,
});

export const LoadUpload = z.strictObject({
  /** Client-chosen run id (UUID): a repeated request loads nothing twice. */
  runId: z.uuid(),
  catalog: z.string().min(1),
  schema: z.string().min(1),
  table: z.string().min(1).max(255),
  mode: z.literal('create').default('create'),
  format: FileFormat.optional(),
  options: z.record(z.string(), z.string()).default({}),
  /** Chosen columns in file order; a column without an entry is dropped. `type` is DDL text. */
  columns: z
    .array(z.strictObject({ from: z.string(), name: z.string().min(1).max(255), type: z.string().min(1) }))
    .min(1),
  comment: z.string().optional(),
});
export type LoadUpload = z.infer<typeof LoadUpload>;

export const loadUpload = defineRoute({
  method: 'POST',
  path: `${base}/uploads/{uploadId}/load`,
  summary: 'Loads an upload into a new table, in one commit',
  area,
  needs: 'USE CATALOG, USE SCHEMA and CREATE TABLE; who uploaded it',
  params,
  body: LoadUpload,
  response: z.object({ runId: z.string(), tableId: z.string(), fullName: z.string() }),
  status: 202,
});
export const discardUpload = defineRoute({
  method: 'DELETE',
  path: `${base}/uploads/{uploadId}`,
  summary: 'Discards an upload and cancels its loading',
  area,
  needs: 'Who uploaded it',
  params,
  response: z.object({}),
});

export const SampleTable = z.object({
  name: z.string(),
  fullName: z.string(),
  /** Null where the table was there already. */
  runId: z.string().nullable(),
  state: z.enum(['ready', 'loading']),
});
export type SampleTable = z.infer<typeof SampleTable>;
export const Samples = z.object({ tables: z.array(SampleTable), notebookId: z.string().nullable() });
export type Samples = z.infer<typeof Samples>;

export const loadSamples = defineRoute({
  method: 'POST',
  path: `${base}/samples`,
  summary: 'Loads the sample data into main.samples and opens a ready notebook',
  area,
  needs: 'CREATE SCHEMA on main, or CREATE TABLE on main.samples',
  response: Samples,
  status: 202,
});
export const getSamples = defineRoute({
  method: 'GET',
  path: `${base}/samples`,
  summary: 'Says which sample tables are there',
  area,
  needs: 'Any member',
  response: Samples,
});
