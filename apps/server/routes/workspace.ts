import type { IncomingMessage } from 'node:http';
import {
  userError,
  WorkspaceImportRequest,
  type WorkspaceObjectInfo,
  workspaceDelete,
  workspaceExport,
  workspaceGetStatus,
  workspaceImport,
  workspaceList,
  workspaceMkdirs,
} from '@boathouse/contracts';
import { isForm, readForm } from '../http/form.ts';
import { parseAs, readJson } from '../http/parse.ts';
import { implement, type RequestContext, type Route, reply } from '../http/router.ts';
import type { Services } from '../services.ts';
import type { ObjectRow } from '../workspace/index.ts';
import { createTransfer, type ImportRequest } from '../workspace/transfer.ts';

// Databricks' own limit is 10 MB.
const maxImportBytes = 10 * 1024 * 1024;
const root: WorkspaceObjectInfo = {
  object_type: 'DIRECTORY',
  path: '/',
  object_id: 0,
  resource_id: '0',
  created_at: 0,
  modified_at: 0,
};

export const workspaceRoutes = (services: Services): Route[] => {
  const { access, objects } = services;
  const transfer = createTransfer(services);

  const infos = async (rows: ObjectRow[]): Promise<WorkspaceObjectInfo[]> => {
    const sizes = await objects.fileSizes(rows.filter((row) => row.kind === 'file').map((row) => row.id));
    return rows.map((row) => info(row, sizes.get(row.id)));
  };
  const find = (ctx: RequestContext, path: string, level: 'view' | 'manage') =>
    access.requirePath(ctx.principal, ctx.workspaceId, path, level);

  return [
    implement(workspaceList, async ({ query, ctx }) => {
      const after = query.notebooks_modified_after ?? 0;
      const self = query.path === '/' ? null : await find(ctx, query.path, 'view');
      if (self && self.kind !== 'directory') return { objects: await infos([self]) };
      const rows = (await access.children(ctx.principal, ctx.workspaceId, query.path)).filter(
        (row) => row.kind !== 'notebook' || row.updatedAt.getTime() >= after,
      );
      return rows.length > 0 ? { objects: await infos(rows) } : {};
    }),
    implement(workspaceGetStatus, async ({ query, ctx }) => {
      if (query.path === '/') return root;
      return (await infos([await find(ctx, query.path, 'view')]))[0]!;
    }),
    implement(workspaceMkdirs, async ({ body, ctx }) => {
      await objects.makeFolders(ctx.principal, ctx.workspaceId, body.path);
      return {};
    }),
    implement(workspaceImport, async ({ ctx }) => {
      await transfer.import(ctx.principal, ctx.workspaceId, await readImport(ctx.req));
      return {};
    }),
    implement(workspaceExport, async ({ query, ctx }) => {
      const { bytes, fileType } = await transfer.export(ctx.principal, ctx.workspaceId, query.path, query.format);
      if (query.direct_download) return reply({ bytes, headers: { 'content-type': 'application/octet-stream' } });
      return { content: Buffer.from(bytes).toString('base64'), file_type: fileType };
    }),
    implement(workspaceDelete, async ({ body, ctx }) => {
      if (body.path === '/') throw userError('INVALID_PARAMETER_VALUE', 'The top of the workspace cannot be deleted.');
      const row = await find(ctx, body.path, 'manage');
      await objects.remove(ctx.principal, row.id, { recursive: body.recursive });
      return {};
    }),
  ];
};

const objectTypes = { directory: 'DIRECTORY', notebook: 'NOTEBOOK', dashboard: 'DASHBOARD', file: 'FILE' } as const;

const info = (row: ObjectRow, size: number | undefined): WorkspaceObjectInfo => ({
  object_type: objectTypes[row.kind],
  path: row.path,
  ...(row.kind === 'notebook' ? { language: 'SQL' as const } : {}),
  object_id: Number(row.number),
  resource_id: row.kind === 'dashboard' ? row.id : row.number,
  created_at: row.createdAt.getTime(),
  modified_at: row.updatedAt.getTime(),
  ...(size === undefined ? {} : { size }),
});

async function readImport(req: IncomingMessage): Promise<ImportRequest> {
  if (!isForm(req)) {
    const body = parseAs(WorkspaceImportRequest, (await readJson(req)) ?? {}, 'body');
    return { ...body, content: decodeBase64(body.content) };
  }
  const { fields, files } = await readForm(req, maxImportBytes);
  const { overwrite, ...texts } = fields;
  const values = { ...texts, content: '', ...(overwrite === undefined ? {} : { overwrite: overwrite === 'true' }) };
  const body = parseAs(WorkspaceImportRequest, values, 'body');
  return { ...body, content: files.content ?? Buffer.from(fields.content ?? '') };
}

function decodeBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text))
    throw userError('INVALID_PARAMETER_VALUE', 'The field "content" of the body is not base64.');
  return Buffer.from(text, 'base64');
}
