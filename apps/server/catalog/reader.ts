import {
  askMessage,
  type Chain,
  effectiveGrants,
  everybody,
  missing,
  splitFullName,
  visible,
} from '@boathouse/catalog';
import {
  type CatalogReader,
  type ComputeQuestion,
  type Grant,
  InferFilesAnswer,
  type Principal,
  type Requirement,
  type SecurableKind,
  userError,
} from '@boathouse/contracts';
import { chainByName, chainsAbove, chainsById, type LoadedChain, metastoreChain, type NamedKind } from './chains.ts';
import type { Queryable } from './db.ts';
import { type FunctionPlace, loadFunctions } from './functions.ts';
import { toCatalogTable, toCatalogVolume } from './records.ts';
import { type Footholds, footholdsOf, loadVisible } from './visible.ts';

export interface ReaderOptions {
  db: Queryable;
  workspaceId: string;
  /** Asks compute; only files need it. */
  ask: (question: ComputeQuestion) => Promise<unknown>;
}

/**
 * The catalog for one plan: what it has read once it does not read again, so that names and privileges of one statement
 * come from few queries and agree with each other. Make a new one for every statement.
 */
export interface WorkspaceReader extends CatalogReader {
  /** A securable that the principal may know of, or null. */
  find(who: Principal, kind: NamedKind, names: string[]): Promise<LoadedChain | null>;
  /** True where nothing is missing for the privilege. */
  may(who: Principal, chain: Chain, privilege: Requirement['privilege']): boolean;
  /** What is missing for the privilege and whom to ask; null where nothing is. */
  ask(who: Principal, chain: Chain, privilege: Requirement['privilege']): Promise<string | null>;
}

export function createReader(options: ReaderOptions): WorkspaceReader {
  const { db, workspaceId } = options;
  const found = new Map<string, Promise<LoadedChain | null>>();
  const byId = new Map<string, Chain>();
  const footholds = new Map<string, Promise<Footholds>>();
  const principals = new Map<string, Promise<Principal>>();

  const once = <T>(memo: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> => {
    const known = memo.get(key);
    if (known) return known;
    const loading = load();
    memo.set(key, loading);
    // A failure is no answer: the database may be back when the same is asked again.
    loading.catch(() => memo.get(key) === loading && memo.delete(key));
    return loading;
  };

  async function sees(who: Principal, kind: SecurableKind, chain: Chain): Promise<boolean> {
    // Nothing but being an administrator makes all visible.
    if (kind === 'metastore') return who.admin;
    if (visible(who, chain)) return true;
    if (kind !== 'catalog' && kind !== 'schema') return false;
    const holds = await once(footholds, who.userId, () => footholdsOf(db, workspaceId, who));
    return holds[kind === 'catalog' ? 'catalogs' : 'schemas'].has(chain.securables.at(-1)!.id);
  }

  const placeOf = async (who: Principal, catalog: string, schema: string): Promise<FunctionPlace | null> => {
    const chain = await find(who, 'schema', [catalog, schema]);
    return chain?.schema ? { id: chain.schema.id, catalog: chain.catalog.name, schema: chain.schema.name } : null;
  };
  const keyOf = (who: Principal, kind: NamedKind, names: string[]): string =>
    JSON.stringify([who.userId, kind, ...names.map((it) => it.toLowerCase())]);
  const remember = (who: Principal, chain: LoadedChain): void => {
    byId.set(`${who.userId} ${chain.securables.at(-1)!.id}`, chain);
  };

  const find: WorkspaceReader['find'] = (who, kind, names) =>
    once(found, keyOf(who, kind, names), async () => {
      const chain = await chainByName(db, workspaceId, kind, names, who);
      if (!chain || !(await sees(who, kind, chain))) return null;
      remember(who, chain);
      // Who sees a table sees what it lies in: the way to it was read with it.
      const above = chainsAbove(chain);
      if (above) {
        for (const [outer, count] of [
          ['catalog', 1],
          ['schema', 2],
        ] as const) {
          remember(who, above[outer]);
          const key = keyOf(who, outer, names.slice(0, count));
          if (!found.has(key)) found.set(key, Promise.resolve(above[outer]));
        }
      }
      return chain;
    });

  async function chainsOf(who: Principal, requirements: Requirement[]): Promise<Map<string, Chain>> {
    const chains = new Map<string, Chain>();
    const wanted = new Map<NamedKind, string[]>();
    for (const { kind, id } of requirements) {
      const known = byId.get(`${who.userId} ${id}`);
      if (known) chains.set(id, known);
      else if (kind === 'metastore') chains.set(id, await metastoreChain(db, workspaceId, who));
      else wanted.set(kind, [...(wanted.get(kind) ?? []), id]);
    }
    for (const [kind, ids] of wanted) {
      for (const [id, chain] of await chainsById(db, workspaceId, kind, [...new Set(ids)], who)) {
        byId.set(`${who.userId} ${id}`, chain);
        chains.set(id, chain);
      }
    }
    return chains;
  }

  const may: WorkspaceReader['may'] = (who, chain, privilege) => missing(who, chain, privilege) === null;
  const ask: WorkspaceReader['ask'] = async (who, chain, privilege) => {
    const lacking = missing(who, chain, privilege);
    return lacking && askMessage(lacking, await emailOf(db, lacking.securable.ownerId));
  };

  return {
    find,
    may,
    ask,

    async catalog(who, name) {
      const chain = await find(who, 'catalog', [name]);
      if (!chain) return null;
      const { id, name: shown, comment, ownerId } = chain.catalog;
      return { id, name: shown, ...(comment === null ? {} : { comment }), ownerId, owner: chain.owner };
    },
    async schema(who, catalog, name) {
      const chain = await find(who, 'schema', [catalog, name]);
      if (!chain?.schema) return null;
      const { id, name: shown, comment, ownerId, properties } = chain.schema;
      return {
        id,
        catalog: chain.catalog.name,
        name: shown,
        ...(comment === null ? {} : { comment }),
        ownerId,
        owner: chain.owner,
        properties,
      };
    },
    async table(who, catalog, schema, name) {
      const chain = await find(who, 'table', [catalog, schema, name]);
      return chain?.schema && chain.table
        ? toCatalogTable(chain.catalog.name, chain.schema.name, chain.table, chain.owner)
        : null;
    },
    async volume(who, catalog, schema, name) {
      const chain = await find(who, 'volume', [catalog, schema, name]);
      return chain?.schema && chain.volume
        ? toCatalogVolume(chain.catalog.name, chain.schema.name, chain.volume, chain.owner)
        : null;
    },

    async routine(who, catalog, schema, name) {
      const place = await placeOf(who, catalog, schema);
      return place ? ((await loadFunctions(db, place, name))[0] ?? null) : null;
    },
    async listRoutines(who, catalog, schema) {
      const place = await placeOf(who, catalog, schema);
      return place ? loadFunctions(db, place) : [];
    },

    async listCatalogs(who) {
      const tree = await loadVisible(db, workspaceId, who, { depth: 'catalog', columns: false });
      return tree.map(({ catalog: it }) => ({
        id: it.id,
        name: it.name,
        ...(it.comment === null ? {} : { comment: it.comment }),
        ownerId: it.ownerId,
        owner: it.owner,
      }));
    },
    async listSchemas(who, catalog) {
      const tree = await loadVisible(db, workspaceId, who, { catalog, depth: 'schema', columns: false });
      return tree.flatMap((outer) =>
        outer.schemas.map(({ schema: it }) => ({
          id: it.id,
          catalog: outer.catalog.name,
          name: it.name,
          ...(it.comment === null ? {} : { comment: it.comment }),
          ownerId: it.ownerId,
          owner: it.owner,
          properties: it.properties,
        })),
      );
    },
    async listTables(who, catalog, schema) {
      const tree = await loadVisible(db, workspaceId, who, { catalog, schema, depth: 'object', columns: true });
      return tree.flatMap((outer) =>
        outer.schemas.flatMap((inner) =>
          inner.tables.map((it) => toCatalogTable(outer.catalog.name, inner.schema.name, it, it.owner)),
        ),
      );
    },
    async listVolumes(who, catalog, schema) {
      const tree = await loadVisible(db, workspaceId, who, { catalog, schema, depth: 'object', columns: false });
      return tree.flatMap((outer) =>
        outer.schemas.flatMap((inner) =>
          inner.volumes.map((it) => toCatalogVolume(outer.catalog.name, inner.schema.name, it, it.owner)),
        ),
      );
    },

    async grants(who, kind, fullName): Promise<Grant[]> {
      const chain = await chainForGrants(db, workspaceId, kind, fullName);
      if (!chain || !(who.admin || visible(who, chain) || (await footholdIn(chain)))) throw noSecurable(kind, fullName);
      const names = await principalNames(db, chain);
      const all = may(who, chain, 'MANAGE');
      const shown = all
        ? chain
        : {
            ...chain,
            grants: chain.grants.filter((it) => it.principalId === who.userId || it.principalId === everybody),
          };
      return effectiveGrants(shown, (id) => names.get(id) ?? id);

      async function footholdIn(it: Chain): Promise<boolean> {
        const holds = await once(footholds, who.userId, () => footholdsOf(db, workspaceId, who));
        const { id } = it.securables.at(-1)!;
        return kind === 'metastore' || holds.catalogs.has(id) || holds.schemas.has(id);
      }
    },

    async authorise(who, requirements) {
      if (requirements.length === 0 || who.admin) return;
      const chains = await chainsOf(who, requirements);
      for (const { id, kind, fullName, privilege } of requirements) {
        const chain = chains.get(id);
        if (!chain)
          throw userError('PERMISSION_DENIED', `The ${kind} ${fullName} does not exist any more.`, {
            status: 403,
            sqlState: '42501',
          });
        // BROWSE opens metadata, and so does anything else that makes a securable visible.
        if (privilege === 'BROWSE' && (await sees(who, kind, chain))) continue;
        const message = await ask(who, chain, privilege);
        if (message !== null) throw userError('PERMISSION_DENIED', message, { status: 403, sqlState: '42501' });
      }
    },

    principalOf: (userId) =>
      once(principals, userId, async () => {
        const { rows } = await db.query<{ email: string; role: string | null }>(
          `SELECT u.email, m.role FROM "user" u LEFT JOIN member m ON m."userId" = u.id AND m."workspaceId" = $2 WHERE u.id = $1`,
          [userId, workspaceId],
        );
        const user = rows[0];
        // An owner who has left holds nothing: a view of theirs stops working until somebody else owns it.
        if (!user?.role) return { userId, name: user?.email ?? '', admin: false };
        return { userId, name: user.email, admin: user.role === 'admin' };
      }),

    async eventLog(who, target) {
      const pipeline =
        'pipelineId' in target
          ? target.pipelineId
          : (await find(who, 'table', splitFullName(target.table, 3)))?.table?.pipelineId;
      if (!pipeline) return null;
      const { rows } = await db.query<{ eventLogId: string | null }>(
        'SELECT "eventLogId" FROM pipeline WHERE id = $1 AND "workspaceId" = $2',
        [pipeline, workspaceId],
      );
      const logId = rows[0]?.eventLogId;
      const chain = logId ? (await chainsById(db, workspaceId, 'table', [logId], who)).get(logId) : undefined;
      if (!chain?.schema || !chain.table || !visible(who, chain)) return null;
      byId.set(`${who.userId} ${chain.table.id}`, chain);
      return toCatalogTable(chain.catalog.name, chain.schema.name, chain.table, chain.owner);
    },

    async inferFiles(_who, request) {
      return InferFilesAnswer.parse(await options.ask({ ask: 'inferFiles', request }));
    },
  };
}

/** The chain with everybody's grants; throws INVALID_NAME for a name of the wrong shape. */
export async function chainForGrants(
  db: Queryable,
  workspaceId: string,
  kind: SecurableKind,
  fullName: string,
): Promise<Chain | null> {
  if (kind === 'metastore') return metastoreChain(db, workspaceId, null);
  const parts = splitFullName(fullName, kind === 'catalog' ? 1 : kind === 'schema' ? 2 : 3);
  return chainByName(db, workspaceId, kind, parts, null);
}

async function emailOf(db: Queryable, userId: string): Promise<string> {
  if (userId === '') return '';
  const { rows } = await db.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [userId]);
  return rows[0]?.email ?? '';
}

/** E-mails of the people in a chain's grants by user id; `account users` is its own name. */
export async function principalNames(db: Queryable, chain: Chain): Promise<Map<string, string>> {
  const ids = [...new Set(chain.grants.map((it) => it.principalId))];
  const { rows } = await db.query<{ id: string; email: string }>(
    'SELECT id, email FROM "user" WHERE id = ANY($1::text[])',
    [ids],
  );
  return new Map(rows.map((it) => [it.id, it.email]));
}

const missingCodes: Record<SecurableKind, { code: string; sqlState: string }> = {
  metastore: { code: 'METASTORE_NOT_FOUND', sqlState: '42704' },
  catalog: { code: 'CATALOG_NOT_FOUND', sqlState: '42P08' },
  schema: { code: 'SCHEMA_NOT_FOUND', sqlState: '42704' },
  table: { code: 'TABLE_OR_VIEW_NOT_FOUND', sqlState: '42P01' },
  volume: { code: 'VOLUME_NOT_FOUND', sqlState: '42704' },
};

/** The same words for what is not there and for what the caller may not know of. */
export const noSecurable = (kind: SecurableKind, fullName: string) =>
  userError(
    missingCodes[kind].code,
    `The ${kind} ${fullName} cannot be found. Check its name, or ask its owner for a grant.`,
    {
      status: 404,
      sqlState: missingCodes[kind].sqlState,
    },
  );

/**
 * Holds a change of one securable to its privilege. Throws PERMISSION_DENIED, which says whom to ask, or what `noSecurable` gives where
 * the person may not know of it: a refusal must not tell what there is.
 */
export async function requireChange(reader: WorkspaceReader, who: Principal, requirement: Requirement): Promise<void> {
  const { kind, fullName } = requirement;
  // Names hold no periods.
  if (kind !== 'metastore' && !who.admin && !(await reader.find(who, kind, fullName.split('.'))))
    throw noSecurable(kind, fullName);
  await reader.authorise(who, [requirement]);
}
