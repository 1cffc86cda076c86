import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { QueryBoolean, QueryInteger } from './query-values.ts';

/** Files in volumes as the Databricks SDKs read and write them. `path` is `catalog/schema/volume/…`. */
const area = 'Files';
const params = z.object({ path: z.string().min(1) });

export const downloadFile = defineRoute({
  method: 'GET',
  path: '/api/2.0/fs/files/Volumes/{path+}',
  summary: 'Downloads a file (honours Range)',
  area,
  needs: 'READ VOLUME',
  params,
  raw: 'response',
});
export const statFile = defineRoute({
  method: 'HEAD',
  path: '/api/2.0/fs/files/Volumes/{path+}',
  summary: 'Size and time of a file',
  area,
  needs: 'READ VOLUME',
  params,
  raw: 'response',
});
export const uploadFile = defineRoute({
  method: 'PUT',
  path: '/api/2.0/fs/files/Volumes/{path+}',
  summary: 'Uploads a file; nothing is visible before the last byte',
  area,
  needs: 'WRITE VOLUME',
  params,
  query: z.strictObject({ overwrite: QueryBoolean.optional() }),
  raw: 'request',
  status: 204,
});
export const deleteFile = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/fs/files/Volumes/{path+}',
  summary: 'Deletes a file',
  area,
  needs: 'WRITE VOLUME',
  params,
  status: 204,
});

export const DirectoryEntry = z.object({
  path: z.string(),
  name: z.string(),
  is_directory: z.boolean(),
  file_size: z.number().int().optional(),
  /** Milliseconds since 1970. */
  last_modified: z.number().int().optional(),
});
export type DirectoryEntry = z.infer<typeof DirectoryEntry>;

export const listDirectory = defineRoute({
  method: 'GET',
  path: '/api/2.0/fs/directories/Volumes/{path+}',
  summary: 'Lists a directory of a volume',
  area,
  needs: 'READ VOLUME',
  params,
  query: z.strictObject({ page_size: QueryInteger(0, 1_000).optional(), page_token: z.string().optional() }),
  response: z.object({ contents: z.array(DirectoryEntry), next_page_token: z.string().optional() }),
});
export const createDirectory = defineRoute({
  method: 'PUT',
  path: '/api/2.0/fs/directories/Volumes/{path+}',
  summary: 'Creates a directory and those above it',
  area,
  needs: 'WRITE VOLUME',
  params,
  status: 204,
});
export const statDirectory = defineRoute({
  method: 'HEAD',
  path: '/api/2.0/fs/directories/Volumes/{path+}',
  summary: 'Says whether a directory exists',
  area,
  needs: 'READ VOLUME',
  params,
  raw: 'response',
});
export const deleteDirectory = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/fs/directories/Volumes/{path+}',
  summary: 'Deletes an empty directory',
  area,
  needs: 'WRITE VOLUME',
  params,
  status: 204,
});

/**
 * SDKs begin a large upload here, and then ask for addresses for its parts, which are refused: only after a begun session do
 * they send the file in one PUT. So a session may begin (and is forgotten at once) where the upload itself would be let in.
 */
export const beginUpload = defineRoute({
  method: 'POST',
  path: '/api/2.0/fs/files/Volumes/{path+}',
  summary: 'Begins an upload session; its parts are refused, so that clients send one PUT',
  area,
  needs: 'WRITE VOLUME',
  params,
  query: z.object({
    action: z.enum(['initiate-upload', 'complete-upload', 'abort-upload']),
    overwrite: QueryBoolean.optional(),
  }),
  raw: 'request',
  response: z.object({ multipart_upload: z.object({ session_token: z.string() }).optional() }),
});

/** Presigned multipart transfer: refused at once, so that SDKs send the file in one request. */
const refused = (verb: string) =>
  defineRoute({
    method: 'POST',
    path: `/api/2.0/fs/${verb}`,
    summary: 'Presigned transfer: not offered',
    area,
    needs: 'Always answers FEATURE_DISABLED',
    raw: 'request',
  });
export const presignedRoutes = [
  'create-upload-part-urls',
  'create-resumable-upload-url',
  'create-abort-upload-url',
  'create-download-url',
  'complete-upload',
].map(refused);
