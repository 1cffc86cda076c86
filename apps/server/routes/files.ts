import { randomUUID } from 'node:crypto';
import {
  beginUpload,
  createDirectory,
  deleteDirectory,
  deleteFile,
  downloadFile,
  listDirectory,
  presignedRoutes,
  statDirectory,
  statFile,
  uploadFile,
  userError,
} from '@boathouse/contracts';
import { parseRange } from '../files/index.ts';
import { implement, type Route, reply } from '../http/router.ts';
import type { Services } from '../services.ts';

/** Files in volumes for Databricks clients, the command line and pages alike. */
export function fileRoutes({ files }: Services): Route[] {
  return [
    implement(downloadFile, async ({ params, ctx }) => {
      const info = await files.stat(ctx, params.path);
      const unmodifiedSince = Date.parse(ctx.req.headers['if-unmodified-since'] ?? '');
      // Dates in headers have whole seconds.
      if (Math.floor(info.modifiedMs / 1000) * 1000 > unmodifiedSince) {
        throw userError('PRECONDITION_FAILED', 'The file has changed since. Download it from its beginning.', {
          status: 412,
        });
      }
      const range = parseRange(ctx.req.headers.range, info.sizeBytes);
      const part: Record<string, string> = range
        ? { 'content-range': `bytes ${range.offset}-${range.offset + range.length - 1}/${info.sizeBytes}` }
        : {};
      return reply({
        status: range ? 206 : 200,
        headers: { ...fileHeaders(range?.length ?? info.sizeBytes, info.modifiedMs), ...part },
        stream: files.read(info, range),
      });
    }),
    implement(statFile, async ({ params, ctx }) => {
      const info = await files.stat(ctx, params.path);
      return reply({ headers: fileHeaders(info.sizeBytes, info.modifiedMs) });
    }),
    implement(uploadFile, async ({ params, query, ctx }) => {
      await files.write(ctx, params.path, ctx.req, query.overwrite ?? false);
      return reply({ status: 204 });
    }),
    implement(beginUpload, async ({ params, query, ctx }) => {
      // A session holds nothing, so nothing is left to undo.
      if (query.action === 'abort-upload') return {};
      if (query.action !== 'initiate-upload') throw oneRequest();
      await files.mayWrite(ctx, params.path, query.overwrite ?? false);
      return { multipart_upload: { session_token: randomUUID() } };
    }),
    implement(deleteFile, async ({ params, ctx }) => {
      await files.remove(ctx, params.path);
      return reply({ status: 204 });
    }),
    implement(listDirectory, ({ params, query, ctx }) =>
      files.list(ctx, params.path, { pageSize: query.page_size, pageToken: query.page_token }),
    ),
    implement(statDirectory, async ({ params, ctx }) => {
      await files.statDirectory(ctx, params.path);
      return reply({});
    }),
    implement(createDirectory, async ({ params, ctx }) => {
      await files.makeDirectory(ctx, params.path);
      return reply({ status: 204 });
    }),
    implement(deleteDirectory, async ({ params, ctx }) => {
      await files.removeDirectory(ctx, params.path);
      return reply({ status: 204 });
    }),
    ...presignedRoutes.map((contract) =>
      implement(contract, async () => {
        throw oneRequest();
      }),
    ),
  ];
}

const oneRequest = () =>
  userError('FEATURE_DISABLED', 'Uploads in parts are not offered. Send the file in one PUT to /api/2.0/fs/files.', {
    status: 404,
  });

const fileHeaders = (sizeBytes: number, modifiedMs: number): Record<string, string> => ({
  'content-type': 'application/octet-stream',
  'content-length': String(sizeBytes),
  'last-modified': new Date(modifiedMs).toUTCString(),
  'accept-ranges': 'bytes',
  // A file is somebody's bytes: no browser may run it as a page of this origin.
  'content-disposition': 'attachment',
  'x-content-type-options': 'nosniff',
});
