import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { PageQuery } from './query-values.ts';

/** Grants on securables as Databricks clients read and change them. Privileges carry `_` here: `USE_CATALOG`. */
const area = 'Permissions';
const base = '/api/2.1/unity-catalog';

export const ApiPrivilege = z.enum([
  'ALL_PRIVILEGES',
  'BROWSE',
  'USE_CATALOG',
  'USE_SCHEMA',
  'CREATE_CATALOG',
  'CREATE_SCHEMA',
  'CREATE_TABLE',
  'CREATE_VOLUME',
  'SELECT',
  'MODIFY',
  'READ_VOLUME',
  'WRITE_VOLUME',
  'MANAGE',
]);
export type ApiPrivilege = z.infer<typeof ApiPrivilege>;

const params = z.object({
  securable_type: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['metastore', 'catalog', 'schema', 'table', 'volume'])),
  full_name: z.string().min(1),
});
const query = z.strictObject({ principal: z.string().optional(), ...PageQuery });

export const PrivilegeAssignments = z.object({
  privilege_assignments: z.array(z.object({ principal: z.string(), privileges: z.array(ApiPrivilege) })),
  next_page_token: z.string().optional(),
});
export type PrivilegeAssignments = z.infer<typeof PrivilegeAssignments>;

export const EffectiveAssignments = z.object({
  privilege_assignments: z.array(
    z.object({
      principal: z.string(),
      privileges: z.array(
        z.object({
          privilege: ApiPrivilege,
          inherited_from_name: z.string().optional(),
          inherited_from_type: z.enum(['METASTORE', 'CATALOG', 'SCHEMA']).optional(),
        }),
      ),
    }),
  ),
  next_page_token: z.string().optional(),
});
export type EffectiveAssignments = z.infer<typeof EffectiveAssignments>;

export const getPermissions = defineRoute({
  method: 'GET',
  path: `${base}/permissions/{securable_type}/{full_name}`,
  summary: 'Grants made on a securable itself',
  area,
  needs: 'MANAGE on the securable for all grants; else the caller sees its own',
  params,
  query,
  response: PrivilegeAssignments,
});
export const updatePermissions = defineRoute({
  method: 'PATCH',
  path: `${base}/permissions/{securable_type}/{full_name}`,
  summary: 'Grants and revokes',
  area,
  needs: 'MANAGE on the securable',
  params,
  body: z.strictObject({
    changes: z.array(
      z.strictObject({
        principal: z.string().min(1),
        add: z.array(ApiPrivilege).optional(),
        remove: z.array(ApiPrivilege).optional(),
      }),
    ),
    omit_permissions_in_response: z.boolean().optional(),
  }),
  response: PrivilegeAssignments,
});
export const getEffectivePermissions = defineRoute({
  method: 'GET',
  path: `${base}/effective-permissions/{securable_type}/{full_name}`,
  summary: 'Grants in force on a securable, with where they come from',
  area,
  needs: 'MANAGE on the securable for all grants; else the caller sees its own',
  params,
  query,
  response: EffectiveAssignments,
});
