import { userError } from '@boathouse/contracts';
import { splitStatements } from '@boathouse/sql';
import type { CatalogService } from '../catalog/index.ts';
import { createPatience, persist, transaction } from '../db.ts';
import type { BaseServices } from '../services.ts';
import type { Access } from '../workspace/index.ts';
import type { Sessions } from './sessions.ts';
import type { RunHooks } from './types.ts';

export interface HookOptions {
  base: Pick<BaseServices, 'pool'>;
  catalog: CatalogService;
  access: Access;
  sessions: Sessions;
  plan: RunHooks['plan'];
}

/** Runs meet the other rooms here: planner, catalog, workspace objects. */
export function createRunHooks({ base, catalog, access, sessions, plan }: HookOptions): RunHooks {
  return {
    plan,
    split: splitStatements,
    // The files are committed already: that the database is away for a moment must not make a failure of it.
    committed: (runId, write) =>
      persist(() =>
        transaction(base.pool, async (tx) => {
          await catalog.applyWrite(tx, write, runId);
        }),
      ),
    read: (runId, reads) => persist(() => transaction(base.pool, (tx) => catalog.applyReads(tx, reads, runId))),
    authorise: (principal, workspaceId, requires) => catalog.reader(workspaceId).authorise(principal, requires),
    requireObject: async (principal, workspaceId, objectId) => {
      const object = await access.require(principal, objectId, 'view');
      if (object.workspaceId !== workspaceId)
        throw userError('RESOURCE_DOES_NOT_EXIST', `${objectId} does not exist.`, { status: 404 });
    },
    principalOf: async (userId, workspaceId) => {
      const { rows } = await createPatience()(() =>
        base.pool.query<{ name: string; role: string | null }>(
          `SELECT u.name, m.role FROM "user" u LEFT JOIN member m ON m."userId" = u.id AND m."workspaceId" = $2 WHERE u.id = $1`,
          [userId, workspaceId],
        ),
      );
      if (!rows[0]?.role)
        throw userError('PERMISSION_DENIED', 'The person of this run is no member of the workspace any more.', {
          status: 403,
        });
      return { userId, name: rows[0].name, admin: rows[0].role === 'admin' };
    },
    session: (id) => createPatience()(() => sessions.get(id)),
  };
}
