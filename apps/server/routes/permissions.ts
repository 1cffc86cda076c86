import {
  type ApiPrivilege,
  type Grant,
  getEffectivePermissions,
  getPermissions,
  Privilege,
  type SecurableKind,
  updatePermissions,
  userError,
} from '@boathouse/contracts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

const toApi = (privilege: Privilege): ApiPrivilege => privilege.replaceAll(' ', '_') as ApiPrivilege;
const fromApi = (privilege: ApiPrivilege): Privilege => Privilege.parse(privilege.replaceAll('_', ' '));

/** Grants in Databricks' shapes; by the same door as GRANT and SHOW GRANTS. */
export function permissionRoutes({ catalog }: Services): Route[] {
  async function grantsOf(
    ctx: RequestContext,
    kind: SecurableKind,
    fullName: string,
    principal: string | undefined,
  ): Promise<Grant[]> {
    const grants = await catalog.reader(ctx.workspaceId).grants(ctx.principal, kind, fullName);
    return principal === undefined
      ? grants
      : grants.filter((it) => it.principal.toLowerCase() === principal.toLowerCase());
  }
  const grouped = (grants: Grant[]) => [...Map.groupBy(grants, (it) => it.principal)];
  const own = (grants: Grant[]) => ({
    privilege_assignments: grouped(grants.filter((it) => it.inheritedFrom === undefined)).map(([principal, list]) => ({
      principal,
      privileges: list.map((it) => toApi(it.privilege)),
    })),
  });
  const refuseToken = (token: string | undefined) => {
    if (token)
      throw userError(
        'INVALID_PARAMETER_VALUE',
        'The field "page_token" of the query is not a token of this API: all grants come in one page.',
      );
  };

  return [
    implement(getPermissions, async ({ params, query, ctx }) => {
      refuseToken(query.page_token);
      return own(await grantsOf(ctx, params.securable_type, params.full_name, query.principal));
    }),
    implement(getEffectivePermissions, async ({ params, query, ctx }) => {
      refuseToken(query.page_token);
      const grants = await grantsOf(ctx, params.securable_type, params.full_name, query.principal);
      return {
        privilege_assignments: grouped(grants).map(([principal, list]) => ({
          principal,
          privileges: list.map((it) => ({
            privilege: toApi(it.privilege),
            ...(it.inheritedFrom === undefined
              ? {}
              : { inherited_from_name: it.inheritedFrom, inherited_from_type: inheritedType(it.kind) }),
          })),
        })),
      };
    }),
    implement(updatePermissions, async ({ params, body, ctx }) => {
      const { securable_type: kind, full_name: fullName } = params;
      await catalog.changeGrants(
        ctx.workspaceId,
        ctx.principal,
        body.changes.map((it) => ({
          kind,
          fullName,
          principal: it.principal,
          add: (it.add ?? []).map(fromApi),
          remove: (it.remove ?? []).map(fromApi),
        })),
      );
      return body.omit_permissions_in_response
        ? { privilege_assignments: [] }
        : own(await grantsOf(ctx, kind, fullName, undefined));
    }),
  ];
}

function inheritedType(kind: SecurableKind): 'METASTORE' | 'CATALOG' | 'SCHEMA' {
  return kind === 'metastore' ? 'METASTORE' : kind === 'catalog' ? 'CATALOG' : 'SCHEMA';
}
