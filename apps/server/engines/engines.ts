import { randomBytes } from 'node:crypto';
import {
  type AttachEngineRequest,
  type ChangeEngineRequest,
  type ComputeQuestion,
  EngineCheck,
  type EngineView,
  type PlanEngine,
  type Principal,
  userError,
} from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { requireAdmin } from '../auth/members.ts';
import { type Tx, transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import { ENGINE_WAREHOUSE } from '../statements/warehouses.ts';
import { engineAddress } from './address.ts';
import { createSeal } from './seal.ts';

export interface Caller {
  principal: Principal;
  workspaceId: string;
}

/** An engine that was not attached yet, to be tried. */
export type NewEngine = Pick<PlanEngine, 'url' | 'tls' | 'token' | 'caCertificate' | 'storageUrl'> & { id?: string };

/** Attached engines as objects of a workspace. Administrators attach; everybody, or who is named, may use one. */
export interface Engines {
  /** Those that the caller may use, by name; administrators see all. */
  list(caller: Caller): Promise<EngineView[]>;
  attach(caller: Caller, request: AttachEngineRequest): Promise<EngineView>;
  change(caller: Caller, id: string, request: ChangeEngineRequest): Promise<EngineView>;
  detach(caller: Caller, id: string): Promise<void>;
  check(caller: Caller, id: string): Promise<EngineCheck>;
  checkNew(caller: Caller, engine: NewEngine): Promise<EngineCheck>;
  /**
   * The engine that an id names, for a plan; undefined for the embedded one. Throws ENGINE_NOT_FOUND, also where the person
   * may not use it.
   */
  open(caller: Caller, id: string | undefined): Promise<PlanEngine | undefined>;
}

export interface EnginesOptions {
  base: Pick<BaseServices, 'pool' | 'installationKey'>;
  ask: (question: ComputeQuestion, options?: { timeoutMs?: number }) => Promise<unknown>;
}

/** Spark may have to start executors before it answers. */
const CHECK_TIMEOUT_MS = 120_000;

interface Row {
  id: string;
  name: string;
  url: string;
  tls: boolean;
  token: string | null;
  caCertificate: string | null;
  storageUrl: string | null;
  everybody: boolean;
  createdAt: Date;
  users: string[];
}

const select = `SELECT e.id, e.name, e.url, e.tls, e.token, e."caCertificate", e."storageUrl", e.everybody, e."createdAt",
  coalesce((SELECT array_agg(u.email ORDER BY u.email) FROM engine_user g JOIN "user" u ON u.id = g."userId" WHERE g."engineId" = e.id), '{}') AS users
  FROM engine e WHERE e."workspaceId" = $1`;
/** With $2 and $3: the person, and whether they are an administrator. */
const usable = `($3 OR e.everybody OR EXISTS (SELECT 1 FROM engine_user g WHERE g."engineId" = e.id AND g."userId" = $2))`;

const notFound = (id: string) =>
  userError(
    'ENGINE_NOT_FOUND',
    `There is no engine ${id} attached to this workspace, or you may not use it. Choose another engine, or ask an administrator.`,
    { status: 404 },
  );

export function createEngines({ base, ask }: EnginesOptions): Engines {
  const { pool } = base;
  const seal = createSeal(base.installationKey);

  const view = (row: Row, admin: boolean): EngineView => ({
    id: row.id,
    name: row.name,
    kind: 'spark',
    url: row.url,
    tls: row.tls,
    hasToken: row.token !== null,
    hasCaCertificate: row.caCertificate !== null,
    storageUrl: row.storageUrl,
    everybody: row.everybody,
    users: admin ? row.users : [],
    createdAtMs: row.createdAt.getTime(),
  });

  async function find({ principal, workspaceId }: Caller, id: string): Promise<Row> {
    const { rows } = await pool.query<Row>(`${select} AND ${usable} AND e.id = $4`, [
      workspaceId,
      principal.userId,
      principal.admin,
      id,
    ]);
    if (!rows[0]) throw notFound(id);
    return rows[0];
  }

  const planEngine = (row: Row): PlanEngine => ({
    engineId: row.id,
    name: row.name,
    url: row.url,
    tls: row.tls,
    ...(row.token === null ? {} : { token: seal.open(row.token, row.id) }),
    ...(row.caCertificate === null ? {} : { caCertificate: row.caCertificate }),
    ...(row.storageUrl === null ? {} : { storageUrl: row.storageUrl }),
  });

  const tryOut = async (engine: PlanEngine): Promise<EngineCheck> =>
    EngineCheck.parse(await ask({ ask: 'checkEngine', engine }, { timeoutMs: CHECK_TIMEOUT_MS }));

  /** Who may use it, by their e-mails. Throws INVALID_PARAMETER_VALUE for one that is no member. */
  async function setUsers(tx: Tx, workspaceId: string, id: string, emails: readonly string[]): Promise<void> {
    const { rows } = await tx.query<{ id: string; email: string }>(
      `SELECT u.id, lower(u.email) AS email FROM "user" u JOIN member m ON m."userId" = u.id WHERE m."workspaceId" = $1 AND lower(u.email) = ANY($2)`,
      [workspaceId, emails.map((email) => email.toLowerCase())],
    );
    const unknown = emails.find((email) => !rows.some((row) => row.email === email.toLowerCase()));
    if (unknown !== undefined)
      throw userError('INVALID_PARAMETER_VALUE', `${unknown} is no member of this workspace. Invite them first.`);
    await tx.query('DELETE FROM engine_user WHERE "engineId" = $1', [id]);
    await tx.query('INSERT INTO engine_user ("engineId", "userId") SELECT $1, unnest($2::text[])', [
      id,
      rows.map((row) => row.id),
    ]);
  }

  /** One change with its trace and its news. */
  async function changing(caller: Caller, action: string, id: string, work: (tx: Tx) => Promise<void>): Promise<void> {
    requireAdmin(caller);
    const { workspaceId, principal } = caller;
    await transaction(pool, async (tx) => {
      await work(tx);
      await audit(tx, { workspaceId, userId: principal.userId, action: `engine.${action}`, target: id });
      await enqueue(tx, 'changed', { workspaceId, kind: 'compute', id });
    });
  }

  async function refuseTaken(tx: Tx, workspaceId: string, name: string, id: string): Promise<void> {
    const { rowCount } = await tx.query(
      'SELECT 1 FROM engine WHERE "workspaceId" = $1 AND lower(name) = lower($2) AND id <> $3',
      [workspaceId, name, id],
    );
    if (rowCount)
      throw userError('RESOURCE_ALREADY_EXISTS', `An engine is called ${name} already. Choose another name.`, {
        status: 409,
      });
  }

  return {
    async list({ principal, workspaceId }) {
      const { rows } = await pool.query<Row>(`${select} AND ${usable} ORDER BY lower(e.name)`, [
        workspaceId,
        principal.userId,
        principal.admin,
      ]);
      return rows.map((row) => view(row, principal.admin));
    },

    async attach(caller, request) {
      const id = `spark-${randomBytes(8).toString('hex')}`;
      const address = engineAddress(request.url);
      const token = request.token ?? address.token;
      await changing(caller, 'attach', id, async (tx) => {
        await refuseTaken(tx, caller.workspaceId, request.name, id);
        await tx.query(
          `INSERT INTO engine (id, "workspaceId", name, url, tls, token, "caCertificate", "storageUrl", everybody, "createdBy")
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          [
            id,
            caller.workspaceId,
            request.name,
            address.url,
            address.tls ?? request.tls,
            token === undefined ? null : seal.seal(token, id),
            request.caCertificate ?? null,
            request.storageUrl ?? null,
            request.everybody,
            caller.principal.userId,
          ],
        );
        await setUsers(tx, caller.workspaceId, id, request.users);
      });
      return view(await find(caller, id), true);
    },

    async change(caller, id, request) {
      await changing(caller, 'change', id, async (tx) => {
        const { rows } = await tx.query<Row>(`${select} AND e.id = $2 FOR UPDATE OF e`, [caller.workspaceId, id]);
        const before = rows[0];
        if (!before) throw notFound(id);
        const name = request.name ?? before.name;
        await refuseTaken(tx, caller.workspaceId, name, id);
        const address = engineAddress(request.url ?? before.url);
        const token = request.token === undefined ? address.token : request.token;
        // A token goes to the server that it was given for, and to no other.
        const kept = address.url === before.url ? before.token : null;
        await tx.query(
          `UPDATE engine SET name = $2, url = $3, tls = $4, token = $5, "caCertificate" = $6, "storageUrl" = $7, everybody = $8 WHERE id = $1`,
          [
            id,
            name,
            address.url,
            address.tls ?? request.tls ?? before.tls,
            token === undefined ? kept : token === null ? null : seal.seal(token, id),
            request.caCertificate === undefined ? before.caCertificate : request.caCertificate,
            request.storageUrl === undefined ? before.storageUrl : request.storageUrl,
            request.everybody ?? before.everybody,
          ],
        );
        if (request.users) await setUsers(tx, caller.workspaceId, id, request.users);
      });
      return view(await find(caller, id), true);
    },

    async detach(caller, id) {
      await changing(caller, 'detach', id, async (tx) => {
        const { rowCount } = await tx.query('DELETE FROM engine WHERE "workspaceId" = $1 AND id = $2', [
          caller.workspaceId,
          id,
        ]);
        if (!rowCount) throw notFound(id);
      });
    },

    check: async (caller, id) => tryOut(planEngine(await find(caller, id))),

    async checkNew(caller, engine) {
      requireAdmin(caller);
      const attached = engine.id === undefined ? undefined : planEngine(await find(caller, engine.id));
      const { url, tls, token } = engineAddress(engine.url);
      const given = engine.token ?? token ?? (attached?.url === url ? attached.token : undefined);
      const certificate = engine.caCertificate ?? attached?.caCertificate;
      return tryOut({
        engineId: engine.id ?? 'new',
        name: attached?.name ?? 'new',
        url,
        tls: tls ?? engine.tls,
        ...(given === undefined ? {} : { token: given }),
        ...(certificate === undefined ? {} : { caCertificate: certificate }),
        ...(engine.storageUrl === undefined ? {} : { storageUrl: engine.storageUrl }),
      });
    },

    async open(caller, id) {
      return id === undefined || id === ENGINE_WAREHOUSE ? undefined : planEngine(await find(caller, id));
    },
  };
}
