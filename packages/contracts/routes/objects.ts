import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { QueryBoolean, QueryInteger } from './query-values.ts';

/** Folders, notebooks, dashboards and files of the workspace, and who may do what with them. */
const area = 'Workspace objects';
const base = '/api/2.0/boathouse';

export const ObjectKind = z.enum(['directory', 'notebook', 'dashboard', 'file']);
export type ObjectKind = z.infer<typeof ObjectKind>;

/** Each level includes those before it. `manage`: share, rename, move and delete. */
export const AccessLevel = z.enum(['view', 'run', 'edit', 'manage']);
export type AccessLevel = z.infer<typeof AccessLevel>;

export const ObjectName = z
  .string()
  .trim()
  .min(1)
  .max(250)
  .refine((text) => !text.includes('/') && text !== '.' && text !== '..', 'a name has no "/" and is not "." or ".."');

/** Absolute: `/Users/a@b.c/Flight delays`. A slash at the end is taken off. */
export const ObjectPath = z
  .string()
  .max(4_000)
  .transform((text) => (text.length > 1 ? text.replace(/\/+$/, '') || '/' : text))
  .refine((text) => text === '/' || /^(\/[^/]+)+$/.test(text), 'a path begins with "/" and has no empty part')
  .refine((text) => !text.split('/').some((part) => part === '.' || part === '..'), 'a path has no "." or ".." part');

export const ObjectView = z.object({
  id: z.string(),
  /** Databricks' `object_id`, as text (64 bits). */
  number: z.string(),
  kind: ObjectKind,
  name: z.string(),
  path: z.string(),
  /** Folder's path; `/` at the top. */
  parentPath: z.string(),
  ownerId: z.string(),
  ownerName: z.string(),
  /** What the caller may do. A folder seen only as the way to a shared object has `view`. */
  level: AccessLevel,
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type ObjectView = z.infer<typeof ObjectView>;

const objectParams = z.object({ objectId: z.string().min(1) });

export const listObjects = defineRoute({
  method: 'GET',
  path: `${base}/objects`,
  summary: 'What a folder holds, as far as the caller may see it: folders first, then by name',
  area,
  needs: 'view',
  query: z.strictObject({ path: ObjectPath.default('/') }),
  /** `folder` is null for `/`. */
  response: z.object({ folder: ObjectView.nullable(), objects: z.array(ObjectView) }),
});

export const createObject = defineRoute({
  method: 'POST',
  path: `${base}/objects`,
  summary: 'Create a folder, notebook or dashboard. A notebook begins with one empty SQL cell',
  area,
  needs: 'edit on the folder',
  body: z.strictObject({
    kind: z.enum(['directory', 'notebook', 'dashboard']),
    /** Absent: the own home folder. */
    parentPath: ObjectPath.optional(),
    name: ObjectName,
    /** A taken name gets a number at its end instead of RESOURCE_ALREADY_EXISTS. */
    makeUnique: z.boolean().default(false),
  }),
  response: ObjectView,
  status: 201,
});

export const getObject = defineRoute({
  method: 'GET',
  path: `${base}/objects/{objectId}`,
  summary: 'One object by id',
  area,
  needs: 'view',
  params: objectParams,
  response: ObjectView,
});

export const updateObject = defineRoute({
  method: 'PATCH',
  path: `${base}/objects/{objectId}`,
  summary: 'Rename or move, with all that a folder holds',
  area,
  needs: 'manage (renaming: edit); edit on the new folder',
  params: objectParams,
  body: z.strictObject({ name: ObjectName.optional(), parentPath: ObjectPath.optional() }),
  response: ObjectView,
});

export const deleteObject = defineRoute({
  method: 'DELETE',
  path: `${base}/objects/{objectId}`,
  summary: 'Delete; a folder that is not empty needs recursive=true (DIRECTORY_NOT_EMPTY)',
  area,
  needs: 'manage',
  params: objectParams,
  query: z.strictObject({ recursive: QueryBoolean.optional() }),
  response: z.object({}),
});

export const listRecent = defineRoute({
  method: 'GET',
  path: `${base}/recent`,
  summary: 'Notebooks and dashboards that changed last',
  area,
  needs: 'sign-in',
  query: z.strictObject({ limit: QueryInteger(1, 100).optional() }),
  response: z.object({ objects: z.array(ObjectView) }),
});

export const searchObjects = defineRoute({
  method: 'GET',
  path: `${base}/objects-search`,
  summary: 'Objects whose name holds the text, without regard to case',
  area,
  needs: 'sign-in',
  query: z.strictObject({ q: z.string().min(1).max(200), limit: QueryInteger(1, 100).optional() }),
  response: z.object({ objects: z.array(ObjectView) }),
});

export const ObjectGrantView = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  level: AccessLevel,
  /** Path of the folder that the grant comes from; null for a grant on the object itself. */
  inheritedFrom: z.string().nullable(),
});
export type ObjectGrantView = z.infer<typeof ObjectGrantView>;

export const listObjectGrants = defineRoute({
  method: 'GET',
  path: `${base}/objects/{objectId}/grants`,
  summary: 'Who may do what with an object, besides its owner and the administrators',
  area,
  needs: 'view',
  params: objectParams,
  response: z.object({ ownerId: z.string(), ownerName: z.string(), grants: z.array(ObjectGrantView) }),
});

export const putObjectGrant = defineRoute({
  method: 'PUT',
  path: `${base}/objects/{objectId}/grants/{userId}`,
  summary: 'Share with a member, or change their level',
  area,
  needs: 'manage',
  params: objectParams.extend({ userId: z.string().min(1) }),
  body: z.strictObject({ level: AccessLevel }),
  response: z.object({ ownerId: z.string(), ownerName: z.string(), grants: z.array(ObjectGrantView) }),
});

export const deleteObjectGrant = defineRoute({
  method: 'DELETE',
  path: `${base}/objects/{objectId}/grants/{userId}`,
  summary: 'Stop sharing with a member',
  area,
  needs: 'manage',
  params: objectParams.extend({ userId: z.string().min(1) }),
  response: z.object({ ownerId: z.string(), ownerName: z.string(), grants: z.array(ObjectGrantView) }),
});
