import { AccessLevel, type ObjectKind, type ObjectView, type Principal, userError } from '@boathouse/contracts';
import type { BaseServices } from '../services.ts';
import { EVERYBODY } from './homes.ts';

/** An object as one person sees it. `number` is a 64-bit integer as text. */
export interface ObjectRow {
  id: string;
  number: string;
  workspaceId: string;
  path: string;
  kind: ObjectKind;
  name: string;
  ownerId: string;
  ownerName: string;
  createdAt: Date;
  updatedAt: Date;
  level: AccessLevel;
}

interface RankedRow extends Omit<ObjectRow, 'level'> {
  rank: number | null;
}

const levels = AccessLevel.options;
const rankOf = (level: AccessLevel): number => levels.indexOf(level) + 1;

export const includes = (held: AccessLevel, needed: AccessLevel): boolean => rankOf(held) >= rankOf(needed);

/*
 * $1 is the person. Rank 4 (manage): administrators, the object's owner, and owners of the folders above it; else the
 * highest grant on the object or a folder above it. A folder is seen (rank 1) also as the way to something shared.
 */
const ranked = `
  with mine as materialized (
    select o.path, o."workspaceId" from workspace_object o where o."deletedAt" is null and (o."ownerId" = $1
      or exists (select 1 from object_grant g where g."objectId" = o.id and g."userId" in ($1, '${EVERYBODY}'))))
  select o.id, o.number, o."workspaceId", o.path, o.kind, o.name, o."ownerId", coalesce(u.name, '') as "ownerName",
    o."createdAt", o."updatedAt",
    case when m.role = 'admin' then 4 else greatest(
      (select max(case when a."ownerId" = $1 then 4 else array_position(array['view', 'run', 'edit', 'manage'], g.level) end)
        from workspace_object a left join object_grant g on g."objectId" = a.id and g."userId" in ($1, '${EVERYBODY}')
        where a."workspaceId" = o."workspaceId" and a."deletedAt" is null and a.path in (
          select array_to_string((string_to_array(o.path, '/'))[1:n], '/') from generate_series(2, cardinality(string_to_array(o.path, '/'))) n)),
      case when o.kind = 'directory' and exists (
        select 1 from mine where mine."workspaceId" = o."workspaceId" and starts_with(mine.path, o.path || '/')) then 1 end
    ) end as rank
  from workspace_object o
    join member m on m."workspaceId" = o."workspaceId" and m."userId" = $1
    left join "user" u on u.id = o."ownerId"
  where o."deletedAt" is null and `;

export interface Access {
  /** What a person may do with an object; null where it is absent or invisible to them. */
  level: (principal: Principal, objectId: string) => Promise<AccessLevel | null>;
  /**
   * The object, where the person may do what is needed. Throws RESOURCE_DOES_NOT_EXIST (absent and invisible alike) or
   * PERMISSION_DENIED, which names the owner to ask.
   */
  require: (principal: Principal, objectId: string, needed: AccessLevel) => Promise<ObjectRow>;
  requirePath: (principal: Principal, workspaceId: string, path: string, needed: AccessLevel) => Promise<ObjectRow>;
  findPath: (principal: Principal, workspaceId: string, path: string) => Promise<ObjectRow | null>;
  /** What the person sees directly in a folder: folders first, then by name. */
  children: (principal: Principal, workspaceId: string, path: string) => Promise<ObjectRow[]>;
  /** Notebooks and dashboards that changed last. */
  recent: (principal: Principal, workspaceId: string, limit: number) => Promise<ObjectRow[]>;
  search: (principal: Principal, workspaceId: string, text: string, limit: number) => Promise<ObjectRow[]>;
}

/** Who may do what with workspace objects. */
export function createAccess(base: BaseServices): Access {
  const query = async (principal: Principal, where: string, values: unknown[]): Promise<ObjectRow[]> => {
    const { rows } = await base.pool.query<RankedRow>(
      `select * from (${ranked} ${where}) seen where rank is not null`,
      [principal.userId, ...values],
    );
    return rows.map(({ rank, ...row }) => ({ ...row, level: levels[rank! - 1]! }));
  };
  const find = async (principal: Principal, objectId: string) =>
    (await query(principal, 'o.id = $2', [objectId]))[0] ?? null;
  const findPath: Access['findPath'] = async (principal, workspaceId, path) =>
    (await query(principal, 'o."workspaceId" = $2 and o.path = $3', [workspaceId, path]))[0] ?? null;
  return {
    async level(principal, objectId) {
      return (await find(principal, objectId))?.level ?? null;
    },
    async require(principal, objectId, needed) {
      return allow(await find(principal, objectId), objectId, needed);
    },
    async requirePath(principal, workspaceId, path, needed) {
      return allow(await findPath(principal, workspaceId, path), path, needed);
    },
    findPath,
    children(principal, workspaceId, path) {
      const prefix = path === '/' ? '/' : `${path}/`;
      const where = `o."workspaceId" = $2 and starts_with(o.path, $3) and position('/' in substr(o.path, length($3) + 1)) = 0
        order by o.kind <> 'directory', lower(o.name), o.name`;
      return query(principal, where, [workspaceId, prefix]);
    },
    async recent(principal, workspaceId, limit) {
      const where = `o."workspaceId" = $2 and o.kind in ('notebook', 'dashboard') order by o."updatedAt" desc, o.number desc`;
      return (await query(principal, where, [workspaceId])).slice(0, limit);
    },
    async search(principal, workspaceId, text, limit) {
      const where = `o."workspaceId" = $2 and position(lower($3) in lower(o.name)) > 0
        order by not starts_with(lower(o.name), lower($3)), lower(o.name), o.path`;
      return (await query(principal, where, [workspaceId, text])).slice(0, limit);
    },
  };
}

function allow(row: ObjectRow | null, name: string, needed: AccessLevel): ObjectRow {
  if (!row) throw userError('RESOURCE_DOES_NOT_EXIST', `${name} does not exist.`, { status: 404 });
  if (includes(row.level, needed)) return row;
  const owner = row.ownerName === '' ? 'its owner' : row.ownerName;
  throw userError(
    'PERMISSION_DENIED',
    `You need "${needed}" on ${row.path} and have "${row.level}". Ask ${owner} to share it with you.`,
    { status: 403 },
  );
}

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const objectView = (row: ObjectRow): ObjectView => ({
  id: row.id,
  number: row.number,
  kind: row.kind,
  name: row.name,
  path: row.path,
  parentPath: parentOf(row.path),
  ownerId: row.ownerId,
  ownerName: row.ownerName,
  level: row.level,
  createdAtMs: row.createdAt.getTime(),
  updatedAtMs: row.updatedAt.getTime(),
});
