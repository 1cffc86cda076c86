import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComputeQuestion, Principal, TableWrite } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { Pool } from 'pg';
import { pino } from 'pino';
import { startPostgres } from '../../../../scripts/test/postgres.ts';
import { createBus } from '../../bus.ts';
import { createCatalog } from '../index.ts';

/** A migrated database, a store in a temporary folder, and one workspace with an administrator and two members. */
export async function startCatalog(ask: (question: ComputeQuestion) => Promise<unknown> = async () => null) {
  const postgres = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'boathouse-catalog-'));
  const pool = new Pool({ connectionString: postgres.url, max: 8 });
  // The pool's connections may still be closing when the database stops.
  pool.on('error', () => {});
  const store = await createLocalStore(folder);
  const log = pino({ level: 'silent' });
  const bus = createBus(log);
  let skewMs = 0;
  const clock = () => Date.now() + skewMs;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const catalog = createCatalog({ pool, store, log, bus, clock }, { ask });
  const workspaceId = 'w1';
  const person = (name: string, admin: boolean): Principal => ({ userId: `u-${name}`, name: `${name}@x.org`, admin });
  const root = person('root', true);
  const ann = person('ann', false);
  const bob = person('bob', false);
  await pool.query(`INSERT INTO workspace (id, name) VALUES ($1, 'Test')`, [workspaceId]);
  for (const it of [root, ann, bob]) {
    await pool.query(`INSERT INTO "user" (id, name, email, "updatedAt") VALUES ($1, $2, $2, now())`, [
      it.userId,
      it.name,
    ]);
    await pool.query('INSERT INTO member ("workspaceId", "userId", role) VALUES ($1, $2, $3)', [
      workspaceId,
      it.userId,
      it.admin ? 'admin' : 'member',
    ]);
  }
  await catalog.bootstrap(pool, workspaceId, root.userId);

  /** A run row, as the runs' room writes it. */
  async function addRun(who: Principal, state = 'running'): Promise<string> {
    const id = randomUUID();
    await pool.query(
      `INSERT INTO run (id, "workspaceId", kind, state, "principalId", language, text, "codeHash") VALUES ($1, $2, 'statement', $3, $4, 'sql', '', '')`,
      [id, workspaceId, state, who.userId],
    );
    return id;
  }
  const define = (name: string, owner: Principal, runId: string) => ({
    workspaceId,
    catalog: 'main',
    schema: 'default',
    name,
    kind: 'MANAGED' as const,
    columns: [{ name: 'id', type: 'bigint', nullable: true }],
    partitionColumns: [],
    properties: {},
    ifNotExists: false,
    orReplace: false,
    ownerId: owner.userId,
    runId,
  });
  const write = (tableId: string, name: string, version = 0): TableWrite => ({
    tableId,
    fullName: `main.default.${name}`,
    version,
    operation: 'CREATE TABLE',
    rows: 3,
    columns: [{ name: 'id', type: 'bigint', nullable: true }],
    sizeBytes: 100,
    fileCount: 1,
  });
  /** A published table of one bigint column. */
  async function addTable(name: string, owner: Principal): Promise<string> {
    const runId = await addRun(owner, 'succeeded');
    const made = await catalog.reserveTable(define(name, owner, runId));
    if (made.outcome !== 'reserved') throw new Error(`cannot add ${name}`);
    await catalog.applyWrite(pool, write(made.tableId, name), runId);
    return made.tableId;
  }

  return {
    catalog,
    pool,
    store,
    bus,
    log,
    clock,
    workspaceId,
    root,
    ann,
    bob,
    privateKey,
    publicKey,
    addRun,
    define,
    write,
    addTable,
    url: postgres.url,
    /** Lets the clock of the catalog run ahead. */
    later: (ms: number) => {
      skewMs += ms;
    },
    stop: async () => {
      await catalog.stop();
      await pool.end();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
