import {
  createObject,
  deleteObject,
  deleteObjectGrant,
  getObject,
  listObjectGrants,
  listObjects,
  listRecent,
  putObjectGrant,
  searchObjects,
  updateObject,
  userError,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { objectView } from '../workspace/index.ts';

export const objectRoutes = ({ access, objects, sharing, auth }: Services): Route[] => [
  implement(listObjects, async ({ query, ctx }) => {
    const folder =
      query.path === '/' ? null : await access.requirePath(ctx.principal, ctx.workspaceId, query.path, 'view');
    if (folder && folder.kind !== 'directory')
      throw userError('INVALID_PARAMETER_VALUE', `${query.path} is not a folder.`);
    const children = await access.children(ctx.principal, ctx.workspaceId, query.path);
    return { folder: folder && objectView(folder), objects: children.map(objectView) };
  }),
  implement(createObject, async ({ body, ctx }) => {
    const parent = body.parentPath ?? (await auth.me(ctx.principal.userId, ctx.workspaceId)).homePath;
    const path = `${parent === '/' ? '' : parent}/${body.name}`;
    return objectView(
      await objects.create(ctx.principal, ctx.workspaceId, { kind: body.kind, path, makeUnique: body.makeUnique }),
    );
  }),
  implement(getObject, async ({ params, ctx }) =>
    objectView(await access.require(ctx.principal, params.objectId, 'view')),
  ),
  implement(updateObject, async ({ params, body, ctx }) =>
    objectView(await objects.move(ctx.principal, params.objectId, body)),
  ),
  implement(deleteObject, async ({ params, query, ctx }) => {
    await objects.remove(ctx.principal, params.objectId, { recursive: query.recursive ?? false });
    return {};
  }),
  implement(listRecent, async ({ query, ctx }) => ({
    objects: (await access.recent(ctx.principal, ctx.workspaceId, query.limit ?? 20)).map(objectView),
  })),
  implement(searchObjects, async ({ query, ctx }) => ({
    objects: (await access.search(ctx.principal, ctx.workspaceId, query.q, query.limit ?? 20)).map(objectView),
  })),
  implement(listObjectGrants, ({ params, ctx }) => sharing.list(ctx.principal, params.objectId)),
  implement(putObjectGrant, ({ params, body, ctx }) =>
    sharing.grant(ctx.principal, params.objectId, params.userId, body.level),
  ),
  implement(deleteObjectGrant, ({ params, ctx }) => sharing.revoke(ctx.principal, params.objectId, params.userId)),
];
