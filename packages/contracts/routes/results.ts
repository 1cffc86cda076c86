import { z } from 'zod';
import { defineRoute } from '../route.ts';

const area = 'Results';

/** Headers of a window: the rows that the bytes hold, which are whole record batches around those asked for. */
export const RESULT_OFFSET_HEADER = 'X-Boathouse-Row-Offset';
export const RESULT_ROWS_HEADER = 'X-Boathouse-Row-Count';
export const RESULT_TOTAL_HEADER = 'X-Boathouse-Total-Rows';

export const readRunResult = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/runs/{id}/result',
  area,
  summary:
    'A window of the result as an Arrow IPC stream of whole batches (headers say which rows); ETag is the content hash',
  needs: 'to be allowed to read what the run has read',
  params: z.object({ id: z.uuid() }),
  query: z.strictObject({
    offset: z.coerce.number().int().min(0).default(0),
    rows: z.coerce.number().int().min(1).max(1_000_000).default(1000),
    /** A display() of a TypeScript cell: the content hash of one of the run's results; the last one without it. */
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  raw: 'response',
});

export const downloadRunResult = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/runs/{id}/download',
  area,
  summary: 'The whole result as a file',
  needs: 'to be allowed to read what the run has read',
  params: z.object({ id: z.uuid() }),
  query: z.strictObject({
    format: z.enum(['csv', 'parquet']).default('csv'),
    fileName: z.string().max(200).optional(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  raw: 'response',
});
