import { randomUUID } from 'node:crypto';
import { duplicateNotebook, exportNotebook, getNotebook, getNotebookCells } from '@boathouse/contracts';
import { exportSource } from '@boathouse/notebook';
import { implement, type RequestContext, type Route, reply } from '../http/router.ts';
import type { Services } from '../services.ts';
import { includes, objectView, parentOf } from '../workspace/index.ts';

export const notebookRoutes = ({ access, objects, documents, auth }: Services): Route[] => {
  const content = async (ctx: RequestContext, notebookId: string) => {
    const row = await access.require(ctx.principal, notebookId, 'view');
    return { row, ...(await documents.read(notebookId)) };
  };
  return [
    implement(getNotebook, async ({ params, ctx }) => {
      const row = await access.require(ctx.principal, params.notebookId, 'view');
      return { ...objectView(row), ...(await documents.name(row.id)) };
    }),
    implement(getNotebookCells, async ({ params, ctx }) => {
      const { cells, documentVersion } = await content(ctx, params.notebookId);
      return { documentVersion, cells: cells.map(({ order: _order, ...cell }) => cell) };
    }),
    implement(exportNotebook, async ({ params, ctx }) => {
      const { row, cells } = await content(ctx, params.notebookId);
      return reply({
        bytes: Buffer.from(exportSource(cells)),
        headers: {
          'content-type': 'application/sql; charset=utf-8',
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(row.name)}.sql`,
        },
      });
    }),
    implement(duplicateNotebook, async ({ params, ctx }) => {
      const { row, cells } = await content(ctx, params.notebookId);
      const parent = parentOf(row.path);
      const folder = await access.findPath(ctx.principal, ctx.workspaceId, parent);
      const target =
        folder && includes(folder.level, 'edit')
          ? parent
          : (await auth.me(ctx.principal.userId, ctx.workspaceId)).homePath;
      const copy = await objects.create(ctx.principal, ctx.workspaceId, {
        kind: 'notebook',
        path: `${target}/${row.name} copy`,
        makeUnique: true,
        cells: cells.map(({ kind, source, title, chart }) => ({ id: randomUUID(), kind, source, title, chart })),
      });
      return objectView(copy);
    }),
  ];
};
