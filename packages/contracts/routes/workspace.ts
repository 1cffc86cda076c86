import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { ObjectPath } from './objects.ts';
import { QueryBoolean } from './query-values.ts';

/** Databricks' workspace API, 2.0. */
const area = 'Workspace';
const base = '/api/2.0/workspace';

export const WorkspaceObjectInfo = z.object({
  object_type: z.enum(['NOTEBOOK', 'DIRECTORY', 'FILE', 'DASHBOARD']),
  path: z.string(),
  /** Notebooks only. */
  language: z.enum(['SQL']).optional(),
  object_id: z.number().int(),
  resource_id: z.string(),
  created_at: z.number(),
  modified_at: z.number(),
  /** Files only, in bytes. */
  size: z.number().int().optional(),
});
export type WorkspaceObjectInfo = z.infer<typeof WorkspaceObjectInfo>;

export const workspaceList = defineRoute({
  method: 'GET',
  path: `${base}/list`,
  summary: 'What a folder holds; an object itself where the path is not a folder',
  area,
  needs: 'view',
  query: z.strictObject({ path: ObjectPath, notebooks_modified_after: z.coerce.number().int().optional() }),
  response: z.object({ objects: z.array(WorkspaceObjectInfo).optional() }),
});

export const workspaceGetStatus = defineRoute({
  method: 'GET',
  path: `${base}/get-status`,
  summary: 'One object by path',
  area,
  needs: 'view',
  query: z.strictObject({ path: ObjectPath }),
  response: WorkspaceObjectInfo,
});

export const workspaceMkdirs = defineRoute({
  method: 'POST',
  path: `${base}/mkdirs`,
  summary: 'Create a folder and the folders above it; one that exists is left as it is',
  area,
  needs: 'edit on the deepest folder that exists',
  body: z.strictObject({ path: ObjectPath }),
  response: z.object({}),
});

export const ImportFormat = z.enum(['SOURCE', 'AUTO', 'RAW', 'HTML', 'JUPYTER', 'DBC', 'R_MARKDOWN']);
/** The multipart form has the same fields, with `content` as the file itself. */
export const WorkspaceImportRequest = z.strictObject({
  path: ObjectPath,
  /** SOURCE makes a notebook; RAW a file; AUTO a notebook where the text begins with the notebook header, else a file. */
  format: ImportFormat.default('SOURCE'),
  language: z.enum(['SQL', 'PYTHON', 'SCALA', 'R']).optional(),
  /** Base64. */
  content: z.string().default(''),
  overwrite: z.boolean().default(false),
});
export type WorkspaceImportRequest = z.infer<typeof WorkspaceImportRequest>;

export const workspaceImport = defineRoute({
  method: 'POST',
  path: `${base}/import`,
  summary: 'Import a notebook or file, as JSON (base64) or as a multipart form',
  area,
  needs: 'edit on the folder, or on the notebook that is overwritten',
  body: WorkspaceImportRequest,
  raw: 'request',
  response: z.object({}),
});

export const workspaceExport = defineRoute({
  method: 'GET',
  path: `${base}/export`,
  summary: 'Export as SOURCE: base64 in JSON, or the text itself with direct_download=true',
  area,
  needs: 'view',
  query: z.strictObject({
    path: ObjectPath,
    format: z.enum(['SOURCE', 'AUTO', 'HTML', 'JUPYTER', 'DBC', 'RAW', 'R_MARKDOWN']).default('SOURCE'),
    direct_download: QueryBoolean.optional(),
  }),
  response: z.object({ content: z.string(), file_type: z.string() }),
});

export const workspaceDelete = defineRoute({
  method: 'POST',
  path: `${base}/delete`,
  summary: 'Delete; a folder that is not empty needs recursive (DIRECTORY_NOT_EMPTY)',
  area,
  needs: 'manage',
  body: z.strictObject({ path: ObjectPath, recursive: z.boolean().default(false) }),
  response: z.object({}),
});

export const getOpenApi = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/openapi.json',
  summary: 'This API as an OpenAPI 3.1 document, made from the contracts that the server runs by',
  area: 'OpenAPI',
  needs: 'nothing',
  response: z.record(z.string(), z.unknown()),
});
